/** All lines of a long text in a window of fixed height, of which only those in view are drawn; with a search. */
import { type ReactNode, useDeferredValue, useEffect, useMemo, useRef, useState } from "react"
import { downloadText } from "#web/outputs/download.ts"
import { Line } from "#web/outputs/line.tsx"
import styles from "#web/outputs/outputs.module.css"
import { type TerminalLine, uncoloured } from "#web/outputs/terminal.ts"

/** CSS pixels; lines do not wrap in the window, so that every one is as tall as the other. */
const LINE_HEIGHT = 20
const WINDOW_HEIGHT = 480
const BEYOND = 12

export type LineWindowProps = {
  readonly count: number
  readonly at: (index: number) => TerminalLine | undefined
  readonly label: string
  readonly className: string
  readonly text: string
  readonly onClose: () => void
}

export function LineWindow({ count, at, label, className, text, onClose }: LineWindowProps): ReactNode {
  const [search, setSearch] = useState("")
  const found = useFound(useDeferredValue(search), count, at)
  const shown = found?.length ?? count
  const place = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  useEffect(() => {
    if (place.current && found) place.current.scrollTop = 0
  }, [found])
  const first = Math.max(0, Math.floor(top / LINE_HEIGHT) - BEYOND)
  const last = Math.min(shown, Math.ceil((top + WINDOW_HEIGHT) / LINE_HEIGHT) + BEYOND)
  return (
    <div className={styles["window"]}>
      <div className={styles["window-bar"]}>
        <input
          type="search"
          placeholder="Search the text"
          aria-label={`Search ${label}`}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <span className={styles["aside"]} aria-live="polite">
          {found ? `${shown.toLocaleString("en")} of ${count.toLocaleString("en")} lines` : `${count.toLocaleString("en")} lines`}
        </span>
        <button type="button" className={styles["quiet"]} onClick={() => downloadText(text, "output.txt")}>
          Download
        </button>
        <button type="button" className={styles["quiet"]} onClick={onClose}>
          Collapse
        </button>
      </div>
      <section
        ref={place}
        className={`${className} ${styles["window-body"]}`}
        style={{ height: Math.min(WINDOW_HEIGHT, shown * LINE_HEIGHT + 16) }}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={label}
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
      >
        <div style={{ height: shown * LINE_HEIGHT }}>
          <pre style={{ transform: `translateY(${first * LINE_HEIGHT}px)` }}>
            {Array.from({ length: Math.max(0, last - first) }, (_, offset) => {
              const index = found ? (found[first + offset] ?? 0) : first + offset
              const line = at(index)
              return line && <Numbered key={index} line={line} number={found ? index + 1 : undefined} />
            })}
          </pre>
        </div>
      </section>
    </div>
  )
}

function Numbered({ line, number }: { readonly line: TerminalLine; readonly number: number | undefined }): ReactNode {
  return (
    <>
      {number !== undefined && <span className={styles["number"]}>{number}</span>}
      <Line line={line} />
    </>
  )
}

/** The lines that hold what is searched for, in any letter case; undefined when nothing is. */
function useFound(search: string, count: number, at: (index: number) => TerminalLine | undefined): readonly number[] | undefined {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the lines only ever grow, so that their count says whether they changed
  return useMemo(() => {
    const wanted = search.toLowerCase()
    if (wanted === "") return undefined
    const found: number[] = []
    for (let index = 0; index < count; index++)
      if (
        uncoloured(at(index)?.text ?? "")
          .toLowerCase()
          .includes(wanted)
      )
        found.push(index)
    return found
  }, [search, count])
}
