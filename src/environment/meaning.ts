/**
 * What a wish for an environment comes to at this moment, as far as the platform knows: no machine is asked. Names mean what they were
 * given last; an installed kernel is what it was found to be by the newest run that had something new to find.
 */
import { asDigest, speaks } from "#environment/choose.ts"
import type { Stated } from "#environment/stated.ts"
import { kernelNameOf, languageOf, type Notebook } from "#notebook/index.ts"

export type Wish = { readonly want: "named" | "listed" | "kernel"; readonly name: string; readonly language: string }

/** `since`: milliseconds since 1970; null: it always meant that. `kind`: a captured one cannot be asked for by its digest elsewhere. */
export type Meaning = { readonly sha256: string; readonly since: number | null; readonly kind: "locked" | "captured" }

export type Meanings = { readonly labels: ReadonlyMap<string, Meaning>; readonly kernels: ReadonlyMap<string, Meaning> }

export type SpaceDefault = { readonly sha256: string; readonly language: string; readonly kind: Meaning["kind"] }

export function wishOf(notebook: Pick<Notebook, "metadata" | "cells">, said: Stated): Wish {
  const language = languageOf(notebook as Notebook)
  if (said.is === "named") return { want: "named", name: said.name, language }
  if (said.is === "listed") return { want: "listed", name: "", language }
  return { want: "kernel", name: kernelNameOf(notebook as Notebook).toLowerCase(), language }
}

/** Undefined where it cannot change, or is not known. */
export function meaningOf(wish: Wish, known: Meanings, spaceDefault: SpaceDefault | undefined): Meaning | undefined {
  const { want, name, language } = wish
  // A list is locked at its first run, and stays so.
  if (want === "listed") return undefined
  if (want === "named") {
    const sha256 = asDigest(name)
    return sha256 === undefined ? (known.labels.get(name) ?? kernel(name, known)) : { sha256, since: null, kind: "locked" }
  }
  if (spaceDefault && speaks(spaceDefault.language, language)) return { sha256: spaceDefault.sha256, since: null, kind: spaceDefault.kind }
  return kernel(name, known)
}

function kernel(name: string, { kernels }: Meanings): Meaning | undefined {
  return kernels.get(name.toLowerCase()) ?? (name === "python" ? kernels.get("python3") : undefined)
}
