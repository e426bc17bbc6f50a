/** Runs in dense rows; only those on the screen are drawn. */
import { useWindowVirtualizer } from "@tanstack/react-virtual"
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from "react"
import type { RunView } from "#web/runs/pages.ts"
import { RunRow } from "#web/runs/run-row.tsx"
import css from "#web/runs/runs.module.css"

type Props = {
  readonly runs: readonly RunView[]
  readonly hasMore: boolean
  readonly onEnd: () => void
  /** The row that the keyboard is at; -1 before it was used. */
  readonly at: number
  readonly onAt: (at: number) => void
  readonly onOpen: (run: RunView) => void
  readonly showsNotebook: boolean
}

const ROW = 32
const NARROW_ROW = 64

export function RunTable({ runs, hasMore, onEnd, at, onAt, onOpen, showsNotebook }: Props) {
  const list = useRef<HTMLTableSectionElement>(null)
  const [top, setTop] = useState(0)
  const isNarrow = useNarrow()
  useLayoutEffect(() => setTop(list.current?.offsetTop ?? 0), [])
  const rows = useWindowVirtualizer({
    count: runs.length,
    estimateSize: () => (isNarrow ? NARROW_ROW : ROW),
    overscan: 12,
    scrollMargin: top,
    getItemKey: (index) => runs[index]?.id ?? index,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows are of another height, all of them
  useEffect(() => rows.measure(), [isNarrow])
  const items = rows.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (hasMore && last >= runs.length - 20) onEnd()
  }, [hasMore, last, runs.length, onEnd])
  const move = (to: number) => {
    const next = Math.max(0, Math.min(runs.length - 1, to))
    onAt(next)
    rows.scrollToIndex(next, { align: "auto" })
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-index="${next}"] a`)?.focus({ preventScroll: true }))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const to = MOVES[event.key]
    const run = runs[at]
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (to) {
      event.preventDefault()
      move(to(at, runs.length))
    } else if (event.key === "o" && run) onOpen(run)
  }
  return (
    <table
      aria-label="Runs"
      aria-rowcount={hasMore ? -1 : runs.length + 1}
      className={css["table"]}
      data-notebook={showsNotebook}
      onKeyDown={onKeyDown}
    >
      <Head showsNotebook={showsNotebook} />
      <tbody ref={list} style={{ height: rows.getTotalSize() }}>
        {items.map(({ index, start, key }) => {
          const run = runs[index]
          return (
            run && (
              <tr
                key={key}
                aria-rowindex={index + 2}
                data-index={index}
                data-at={index === at}
                className={css["row"]}
                style={{ transform: `translateY(${start - rows.options.scrollMargin}px)` }}
                onFocus={() => index !== at && onAt(index)}
              >
                <RunRow run={run} showsNotebook={showsNotebook} isReached={index === at || (at < 0 && index === 0)} />
              </tr>
            )
          )
        })}
      </tbody>
    </table>
  )
}

const MOVES: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowDown: (at) => at + 1,
  j: (at) => at + 1,
  ArrowUp: (at) => at - 1,
  k: (at) => at - 1,
  PageDown: (at) => at + 20,
  PageUp: (at) => at - 20,
  Home: () => 0,
  End: (_, count) => count - 1,
}

const COLUMNS = [
  ["state", "State"],
  ["notebook", "Notebook"],
  ["version", "Version"],
  ["parameters", "Parameters, or what went wrong"],
  ["by", "By"],
  ["started", "Started"],
  ["took", "Took"],
] as const

function Head({ showsNotebook }: { readonly showsNotebook: boolean }) {
  const columns = COLUMNS.filter(([column]) => showsNotebook || column !== "notebook")
  return (
    <thead className={css["head"]}>
      <tr aria-rowindex={1} className={css["headRow"]}>
        {columns.map(([column, word]) => (
          <th key={column} scope="col" data-column={column}>
            {word}
          </th>
        ))}
      </tr>
    </thead>
  )
}

function useNarrow(): boolean {
  const [isNarrow, setNarrow] = useState(() => globalThis.matchMedia("(max-width: 800px)").matches)
  useEffect(() => {
    const query = globalThis.matchMedia("(max-width: 800px)")
    const hear = () => setNarrow(query.matches)
    query.addEventListener("change", hear)
    return () => query.removeEventListener("change", hear)
  }, [])
  return isNarrow
}
