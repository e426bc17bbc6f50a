/** Which versions are tested again because their environment has become another one. Pure. */
import { type Meaning, type Meanings, meaningOf } from "#environment/index.ts"
import type { Watched } from "#template/sql/watched.ts"

export type Due = { readonly watched: Watched; readonly meaning: Meaning }

export type At = { readonly known: Meanings; readonly now: number; readonly settleMs: number }

/** In the order they came. What has just changed may change again: of several changes the last is tested. */
export function dueOf(all: readonly Watched[], { known, now, settleMs }: At): readonly Due[] {
  return all.flatMap((watched) => {
    const meaning = currentOf(watched, known)
    if (!meaning || watched.isPending || watched.tested === null || watched.tested === meaning.sha256) return []
    if (meaning.since !== null && now - meaning.since < settleMs) return []
    // Machines may differ in what is installed: each state of a kernel is tested once, or they would take turns for ever.
    if (meaning.kind === "captured" && watched.seen.includes(meaning.sha256)) return []
    return [{ watched, meaning }]
  })
}

/** What it would run in now; undefined where that is not known, or cannot change. */
export function currentOf({ profile, wish, spaceDefault }: Pick<Watched, "profile" | "wish" | "spaceDefault">, known: Meanings): Meaning | undefined {
  if (profile !== "") return meaningOf({ want: "named", name: profile, language: "" }, known, undefined)
  return wish ? meaningOf(wish, known, spaceDefault ?? undefined) : undefined
}
