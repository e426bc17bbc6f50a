/** Text as a terminal shows it. A long one shows its beginning and its end; all of it in a window that draws only what is in view. */
import { type ReactNode, useRef, useState } from "react"
import { Line } from "#web/outputs/line.tsx"
import { LineWindow } from "#web/outputs/line-window.tsx"
import styles from "#web/outputs/outputs.module.css"
import { emptyTerminal, linesOf, readOn, type Terminal, type TerminalLine } from "#web/outputs/terminal.ts"

const HEAD = 24
const TAIL = 16
/** A text of up to this many lines is shown whole: hiding a few lines is worse than showing them. */
const WHOLE = 60

export type TextOutputProps = {
  readonly text: string
  readonly isError?: boolean
  /** For those who hear the page: "Output of cell 3". */
  readonly label: string
}

export function TextOutput({ text, isError = false, label }: TextOutputProps): ReactNode {
  const terminal = useTerminal(text)
  const [open, setOpen] = useState(false)
  const { count, at } = linesOf(terminal)
  const className = isError ? `${styles["text"]} ${styles["stderr"]}` : styles["text"]
  if (count <= WHOLE)
    return (
      <pre className={className} dir="auto">
        <Lines from={0} to={count} at={at} />
      </pre>
    )
  if (open) return <LineWindow count={count} at={at} label={label} className={className ?? ""} text={text} onClose={() => setOpen(false)} />
  return (
    <section className={className} aria-label={`${label}: ${count.toLocaleString("en")} lines of text`}>
      <pre dir="auto">
        <Lines from={0} to={HEAD} at={at} />
      </pre>
      <button type="button" className={styles["more"]} onClick={() => setOpen(true)}>
        {(count - HEAD - TAIL).toLocaleString("en")} more lines · Show all
      </button>
      <pre dir="auto">
        <Lines from={count - TAIL} to={count} at={at} />
      </pre>
    </section>
  )
}

/** Keeps what was read of a text that grows; begins anew when it is another text. */
function useTerminal(text: string): Terminal {
  const kept = useRef<{ readonly text: string; readonly terminal: Terminal } | null>(null)
  const before = kept.current
  const terminal = readOn(before && text.startsWith(before.text) ? before.terminal : emptyTerminal(), text)
  kept.current = { text, terminal }
  return terminal
}

type LinesProps = { readonly from: number; readonly to: number; readonly at: (index: number) => TerminalLine | undefined }

function Lines({ from, to, at }: LinesProps): ReactNode {
  return Array.from({ length: Math.max(0, to - from) }, (_, offset) => {
    const line = at(from + offset)
    // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
    return line && <Line key={from + offset} line={line} />
  })
}
