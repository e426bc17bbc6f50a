/** What was asked for is done one after the other, in the order in which it was asked. */
export type InTurn = <Value>(work: () => Promise<Value>) => Promise<Value>

/** A turn that fails keeps the next one from nothing. */
export function turns(): InTurn {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work, work)
    last = mine.catch(() => undefined)
    return mine
  }
}
