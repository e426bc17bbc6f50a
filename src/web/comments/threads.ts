/** Comments as they are read: threads in the order of the cells they are about. Pure. */
import type { Answered } from "#api/contract.ts"

export type Comment = Answered<"listComments">["items"][number]

export type Thread = {
  readonly root: Comment
  readonly answers: readonly Comment[]
  /** About which cell: "" for the notebook as a whole, and for a cell that is not there any more. */
  readonly cell: string
  readonly isOrphan: boolean
}

/** A thread of which nothing is left is not shown. */
export function threadsOf(comments: readonly Comment[], cells: readonly string[]): Thread[] {
  const places = new Map(cells.map((id, index) => [id, index]))
  const roots = comments.filter((one) => one.thread === one.id)
  const threads = roots.map((root): Thread => {
    const answers = comments.filter((one) => one.thread === root.id && one.id !== root.id && one.deletedAt === null)
    const isThere = places.has(root.cell)
    return { root, answers, cell: isThere ? root.cell : "", isOrphan: root.cell !== "" && !isThere }
  })
  const placeOf = (thread: Thread) => (thread.cell === "" ? -1 : (places.get(thread.cell) ?? -1))
  return threads
    .filter(({ root, answers }) => root.deletedAt === null || answers.length > 0)
    .sort((a, b) => placeOf(a) - placeOf(b) || (a.root.id < b.root.id ? -1 : 1))
}

/** Open threads, of cells and of the notebook as a whole. */
export function openThreads(comments: readonly Comment[]): number {
  return comments.filter(isOpenRoot).length
}

function isOpenRoot(one: Comment): boolean {
  return one.thread === one.id && one.resolvedAt === null && one.deletedAt === null
}

/** How many open threads each cell has. */
export function openIn(comments: readonly Comment[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { cell } of comments.filter(isOpenRoot)) if (cell !== "") counts.set(cell, (counts.get(cell) ?? 0) + 1)
  return counts
}
