/** What was mended live goes back into the notebook it was opened from, as its next version. */
import { accepted, type Outcome } from "#base/outcome.ts"
import { type Drafts, type LibraryWorld, resolveVersion, type Saved, saveVersion, versionBytes } from "#library/index.ts"
import { type Notebook, read, tagsOf, write } from "#notebook/index.ts"
import type { Actor } from "#people/index.ts"
import type { LiveRefusal } from "#work/live-source.ts"
import { refuse } from "#work/refusal.ts"
import { findOrigin } from "#work/sql/live-origin.ts"

export type ReturnLive = {
  readonly notebook: string
  readonly message?: string | undefined
  /** The newest version, where one was saved since; without it nothing is put on top of what somebody else has saved. */
  readonly onTopOf?: number | undefined
}

export async function returnLive(world: LibraryWorld, drafts: Drafts, actor: Actor, asked: ReturnLive): Promise<Outcome<Saved, LiveRefusal>> {
  const here = await resolveVersion(world, actor, "edit", { notebook: asked.notebook })
  if (!here.ok) return here
  const origin = await findOrigin(world.db, here.value.notebook)
  if (!origin) return refuse("no_origin", "This notebook was not opened from a run or a version: save it as it is.")
  const from = await resolveVersion(world, actor, "edit", { notebook: origin.ofNotebook, version: origin.version })
  if (!from.ok) return from
  const was = read(await versionBytes(world, from.value))
  if (!was.ok) return was
  const draft = await drafts.open(here.value.notebook)
  const now = await draft.notebook().finally(() => draft.close())
  const bytes = new TextEncoder().encode(write(withoutInjected(now, was.value.notebook)))
  const { message = `Mended live, from version ${origin.version}`, onTopOf } = asked
  const saved = await saveVersion(world, actor, { notebook: origin.ofNotebook, bytes, base: onTopOf ?? origin.version, message, source: "editor" })
  return saved.ok ? accepted(saved.value) : saved
}

/** The parameters of that one run are not the notebook's: what stood in their place stands there again. Pure. */
function withoutInjected(now: Notebook, was: Notebook): Notebook {
  const before = new Map(was.cells.map((cell) => [cell.id, cell]))
  const cells = now.cells.flatMap((cell) => {
    if (!tagsOf(cell).includes("injected-parameters")) return [cell]
    const own = before.get(cell.id)
    return own ? [own] : []
  })
  return { ...now, cells }
}
