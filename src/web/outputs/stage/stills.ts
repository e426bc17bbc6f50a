/** What is active is printed as pictures that stand still: frames lie over the page, and cannot follow where paper breaks it. */

const taking = new Set<() => Promise<void>>()
/** A frame that answers nothing keeps nobody from printing. */
const MOST_MS = 10_000

/** Whoever can take the pictures of a view. Gives what ends it. */
export function onStills(take: () => Promise<void>): () => void {
  taking.add(take)
  return () => taking.delete(take)
}

/** All of these, or as long as paper waits. */
export async function inTime(all: readonly Promise<void>[]): Promise<void> {
  const late = new Promise<void>((done) => setTimeout(done, MOST_MS))
  await Promise.race([late, Promise.all(all)])
}

/** Takes them all, and waits until they stand in the page. */
export async function takeStills(): Promise<void> {
  await inTime([...taking].map((take) => take()))
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
  await Promise.all([...document.querySelectorAll<HTMLImageElement>("img[data-stet-still]")].map((one) => one.decode().catch(() => undefined)))
}
