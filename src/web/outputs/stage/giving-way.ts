/** Which frames give way when there are more than are kept alive. Pure. */

export type Alive = {
  readonly key: string
  /** Near the reader's view: never taken away. */
  readonly isNear: boolean
  /** When it was last near, in milliseconds of any clock. */
  readonly seenAt: number
}

/** The keys of those that go, the longest unseen first. */
export function givingWay(frames: readonly Alive[], most: number): readonly string[] {
  const away = frames.filter(({ isNear }) => !isNear).sort((a, b) => a.seenAt - b.seenAt)
  return away.slice(0, Math.max(0, frames.length - most)).map(({ key }) => key)
}
