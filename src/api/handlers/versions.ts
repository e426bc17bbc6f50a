/** Versions: saved, read, compared, looked at. */
import type { z } from "zod"
import type { Saved } from "#api/contract/library.ts"
import { notebookOf, versionOf } from "#api/handlers/library-views.ts"
import { given } from "#api/handlers/spaces.ts"
import type { Shown, Visit } from "#api/pages/render.ts"
import type { AnyRefusal } from "#api/problem.ts"
import type { ByteSource } from "#api/serve/answer.ts"
import type { Api } from "#api/serve/handler.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { diffVersions, getNotebook, lackedAlone, resolveVersion, saveVersion, type VersionRow, versionBytes, type Which } from "#library/index.ts"
import { read } from "#notebook/index.ts"
import { page } from "#page/index.ts"
import type { Actor } from "#people/index.ts"

export type Saving = {
  readonly notebook?: string | undefined
  readonly space?: string | undefined
  readonly path?: string | undefined
  readonly bytes: Uint8Array
  readonly base?: number | undefined
  readonly message?: string | undefined
  readonly label?: string | undefined
  readonly ifMatch?: string | undefined
}

type SavedAnswer = {
  readonly kind: "json"
  readonly status: 200 | 201
  readonly value: z.output<typeof Saved>
  readonly headers: Readonly<Record<string, string>>
}

export async function saved(api: Api, actor: Actor, { ifMatch, ...asked }: Saving): Promise<Outcome<SavedAnswer, AnyRefusal>> {
  const { library } = api.world
  const base = ifMatch === undefined || asked.base !== undefined ? accepted(asked.base) : await baseOf(api, actor, asked.notebook ?? "", ifMatch)
  if (!base.ok) return base
  const outcome = await saveVersion(library, actor, { ...given({ ...asked, base: base.value }), bytes: asked.bytes, source: "api" })
  if (!outcome.ok) return refused(withBothSides(outcome.refusal))
  const { version, created } = outcome.value
  const notebook = await getNotebook(library.db, actor, version.notebook)
  if (!notebook.ok) return notebook
  const repairs = repairsOf(asked.bytes)
  const { path, space } = notebook.value
  const lacks = await lackedAlone(library, space.id, { at: path, bytes: asked.bytes })
  const headers = {
    etag: `"${version.sha256}"`,
    ...(created ? { location: `/api/v1/notebooks/${version.notebook}/versions/${version.number}` } : {}),
  }
  return accepted({
    kind: "json",
    status: created ? 201 : 200,
    value: {
      notebook: notebookOf(api, notebook.value),
      version: versionOf(version),
      created,
      repairs,
      ...(lacks.length === 0 ? {} : { lacks: [...lacks] }),
    },
    headers,
  })
}

/** If-Match names what was edited by its digest: the newest version that has it. */
async function baseOf(api: Api, actor: Actor, notebook: string, ifMatch: string): Promise<Outcome<number | undefined, AnyRefusal>> {
  const sha256 = /^\s*"([0-9a-f]{64})"\s*$/u.exec(ifMatch)?.[1]
  if (ifMatch.trim() === "*") return accepted(undefined)
  if (sha256 === undefined)
    return refused({
      refused: "bad_request",
      message: "If-Match must be one strong ETag.",
      errors: [{ in: "header", path: "if-match", message: 'Give "…" with the digest of the version that was edited, as ETag had it.' }],
    })
  const found = await resolveVersion(api.world.library, actor, "edit", { notebook, version: `sha256:${sha256}` })
  return found.ok ? accepted(found.value.number) : found
}

type SaveRefusal = Extract<Awaited<ReturnType<typeof saveVersion>>, { readonly ok: false }>["refusal"]

function withBothSides(refusal: SaveRefusal): AnyRefusal {
  if (refusal.refused !== "edited_meanwhile") return refusal
  const { theirs, yours, message } = refusal
  return { refused: "edited_meanwhile", message, facts: { theirs: { ...theirs, at: new Date(theirs.at).toISOString() }, yours } }
}

/** What had to be assumed to read it; the bytes are kept as they came. */
function repairsOf(bytes: Uint8Array): string[] {
  const reading = read(bytes)
  return reading.ok ? reading.value.repairs.slice(0, 100).map(({ path, what }) => `${path} was ${what}`) : []
}

export type Asked = { readonly notebook: string; readonly version: Which }

export async function versionBytesOf(
  api: Api,
  actor: Actor,
  asked: Asked,
): Promise<Outcome<{ readonly kind: "bytes"; readonly source: ByteSource }, AnyRefusal>> {
  const found = await resolveVersion(api.world.library, actor, "read_code", asked)
  if (!found.ok) return found
  const notebook = await getNotebook(api.world.library.db, actor, found.value.notebook)
  const { sha256, sizeBytes } = found.value
  const fileName = notebook.ok ? notebook.value.path : "notebook.ipynb"
  return accepted({
    kind: "bytes",
    source: { sha256, sizeBytes, mediaType: "application/x-ipynb+json", fileName, pieces: () => versionBytes(api.world.library, found.value) },
  })
}

export async function diffOf(
  api: Api,
  actor: Actor,
  { notebook, version, since }: { readonly notebook: string; readonly version: number; readonly since: number | undefined },
) {
  const to = await resolveVersion(api.world.library, actor, "read", { notebook, version })
  if (!to.ok) return to
  const from = since ?? to.value.parent
  if (from === null)
    return refused({
      refused: "no_such_version" as const,
      message: "This is the first version: there is none before it to compare with.",
      remedy: "Give `since`.",
    })
  const compared = await diffVersions(api.world.library, actor, { notebook, from, to: version })
  if (!compared.ok) return compared
  const { diff, files } = compared.value
  return accepted({ kind: "json" as const, status: 200 as const, value: { from, to: version, diff, files: [...files] } })
}

/** A version as it stands, drawn and inert: nothing is run. */
export async function versionPage({ api, actor, params }: Visit): Promise<Shown> {
  const found = await resolveVersion(api.world.library, actor, "read_code", {
    notebook: params["notebook"] ?? "",
    version: Number(params["version"]),
  })
  if (!found.ok) return { refusal: found.refusal }
  const notebook = await getNotebook(api.world.library.db, actor, found.value.notebook)
  if (!notebook.ok) return { refusal: notebook.refusal }
  const reading = read(await versionBytes(api.world.library, found.value))
  if (!reading.ok) throw new Error(`${nameOf(found.value)} was read when it was saved: ${reading.refusal.message}`)
  const source = `${notebook.value.space.name}/${notebook.value.path}, version ${found.value.number}`
  return { drawn: page(reading.value.notebook, { source, now: api.world.clock.now() }) }
}

function nameOf({ notebook, number }: VersionRow): string {
  return `version ${number} of ${notebook}`
}
