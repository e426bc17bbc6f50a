/** Who wants to know that the text of a cell has changed: the cell itself at once, whoever looks at all of them a moment later. */
import type { Draft } from "#draft/index.ts"

export type Texts = {
  readonly watch: (cell: string, listener: () => void) => () => void
  /** When somebody has paused for a moment. `listener` is told which cells changed since. */
  readonly watchAll: (listener: (cells: ReadonlySet<string>) => void) => () => void
  readonly close: () => void
}

const PAUSE_MS = 180

export function watchTexts(draft: Draft): Texts {
  const watching = new Map<string, Set<() => void>>()
  const all = new Set<(cells: ReadonlySet<string>) => void>()
  let changed = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const tellAll = () => {
    const cells = changed
    changed = new Set()
    timer = undefined
    for (const listener of all) listener(cells)
  }
  const stop = draft.observe((change) => {
    for (const cell of change.cells) {
      changed.add(cell)
      for (const listener of watching.get(cell) ?? []) listener()
    }
    clearTimeout(timer)
    timer = setTimeout(tellAll, PAUSE_MS)
  })
  return {
    watch: (cell, listener) => {
      const listeners = watching.get(cell) ?? new Set()
      watching.set(cell, listeners.add(listener))
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0 && watching.get(cell) === listeners) watching.delete(cell)
      }
    },
    watchAll: (listener) => {
      all.add(listener)
      return () => all.delete(listener)
    },
    close: () => {
      clearTimeout(timer)
      stop()
    },
  }
}
