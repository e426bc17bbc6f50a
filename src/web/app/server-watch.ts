/**
 * Whether the server answers, for every screen alike: what is asked of it anyway says so, and it is asked now and then beside.
 * One lost answer proves nothing, two in a row do. What is added up below stays under the ten seconds after which one has to be told.
 */
import { type Store, storeOf } from "#web/notebook/store.ts"

export type ServerWatch = {
  readonly isAway: Store<boolean>
  /** Something it answered, be it a refusal. */
  readonly heard: () => void
  /** A request came to nothing. */
  readonly missed: () => void
  /** Looks at once. True when it answers. */
  readonly look: () => Promise<boolean>
  /** Looks now and then until the function that it gives is called. */
  readonly begin: () => () => void
}

export type ServerWatchWorld = {
  /** Rejects when nothing comes within so many milliseconds. */
  readonly ask: (withinMs: number) => Promise<unknown>
  readonly after: (ms: number, act: () => void) => () => void
  /** Nobody looks at the page: nobody has to be told. */
  readonly isHidden: () => boolean
}

const PACE_MS = 4_000
const PATIENCE_MS = 2_000
const AGAIN_MS = 700
/** While it is away. */
const RETRY_MS = 2_000

export function watchServer({ ask, after, isHidden }: ServerWatchWorld): ServerWatch {
  const isAway = storeOf(false)
  let [misses, stop, isRunning] = [0, () => {}, false]
  let looking: Promise<boolean> | undefined
  const next = (ms: number) => {
    stop()
    if (isRunning) stop = after(ms, () => void (isHidden() ? next(PACE_MS) : look()))
  }
  const heard = () => {
    misses = 0
    isAway.set(false)
  }
  const counted = () => {
    misses++
    if (misses > 1) isAway.set(true)
    next(misses > 1 ? RETRY_MS : AGAIN_MS)
    return false
  }
  const look = () => {
    looking ??= ask(PATIENCE_MS)
      .then(
        () => {
          heard()
          next(PACE_MS)
          return true
        },
        () => counted(),
      )
      .finally(() => {
        looking = undefined
      })
    return looking
  }
  return {
    isAway,
    heard,
    look,
    missed: () => {
      if (!isAway.get()) void look()
    },
    begin: () => {
      isRunning = true
      next(PACE_MS)
      return () => {
        isRunning = false
        stop()
      }
    },
  }
}
