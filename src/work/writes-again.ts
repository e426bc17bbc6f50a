/** What a version would change outside if it ran once more, and the refusal to do so unasked. */
import { type Outcome, refused } from "#base/outcome.ts"
import { type LibraryWorld, sourcesOf, type VersionRow, versionBytes } from "#library/index.ts"
import { analystFor, read, type ToldWriting, toldWriting, writingCells } from "#notebook/index.ts"

/** It would change something outside again, and nobody said that it may. */
export type WritesAgain = {
  readonly refused: "writes_again"
  readonly message: string
  readonly remedy: string
  readonly facts: { readonly cells: { cell: string; number: number; what: string[] }[] }
}

export async function writingsIn(world: LibraryWorld, version: VersionRow): Promise<readonly ToldWriting[]> {
  const reading = read(await versionBytes(world, version))
  if (!reading.ok) return []
  const { notebook } = reading.value
  const [analyst, sources] = await Promise.all([analystFor(notebook), sourcesOf(world, version)])
  return writingCells(notebook, analyst.readiness(notebook, { sources }).effects).map(toldWriting)
}

export function writesAgain(cells: readonly ToldWriting[], isTold = true): Outcome<never, WritesAgain> {
  const which = cells.length === 1 ? `cell ${cells[0]?.number}` : `cells ${cells.map(({ number }) => number).join(", ")}`
  const isSure = cells.some(({ what }) => what.some((one) => !one.startsWith("unknown ")))
  const does = isSure ? "It changes something outside when it runs" : "It may change something outside when it runs"
  return refused({
    refused: "writes_again",
    message: isTold ? `${does} (${which}).` : `${does}.`,
    remedy: "Look at it, and ask again with mayWrite when that may happen once more.",
    facts: { cells: isTold ? cells.map((cell) => ({ ...cell, what: [...cell.what] })) : [] },
  })
}
