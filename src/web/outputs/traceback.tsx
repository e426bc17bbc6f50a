/** An error of a cell: what was raised first, then where, with the frames of libraries, and the middle of very many, folded. */
import { type ReactNode, useState } from "react"
import type { LiveOutput } from "#api/live.ts"
import type { OpenCell } from "#web/outputs/open-cell.ts"
import styles from "#web/outputs/outputs.module.css"
import { uncoloured } from "#web/outputs/terminal.ts"
import { TextOutput } from "#web/outputs/text-output.tsx"
import { folded, type TraceFrame, type TracePart, traceOf } from "#web/outputs/traceback.ts"

export function Traceback({ output, onOpenCell }: { readonly output: LiveOutput; readonly onOpenCell?: OpenCell | undefined }): ReactNode {
  const { raised, frames } = traceOf(output)
  const repeats = uncoloured(frames.map(({ text }) => text).join("\n")).includes(raised.trim())
  return (
    <section className={styles["error"]}>
      {(!repeats || frames.length === 0) && <p className={styles["raised"]}>{raised.slice(0, 2000)}</p>}
      {folded(frames).map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the frames of an error do not change
        <Part key={index} part={part} onOpenCell={onOpenCell} />
      ))}
    </section>
  )
}

function Part({ part, onOpenCell }: { readonly part: TracePart; readonly onOpenCell: OpenCell | undefined }): ReactNode {
  const [open, setOpen] = useState(false)
  const many = part.frames.length
  if (!part.isFolded) return <Frames frames={part.frames} onOpenCell={onOpenCell} />
  return (
    <>
      <button type="button" className={styles["more"]} aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? "Fold" : "Show"} {many === 1 ? "1 frame" : `${many} frames`} {part.of === "own" ? "in between" : `of ${librariesOf(part.frames)}`}
      </button>
      {open && <Frames frames={part.frames} onOpenCell={onOpenCell} />}
    </>
  )
}

type FramesProps = { readonly frames: readonly TraceFrame[]; readonly onOpenCell: OpenCell | undefined }

function Frames({ frames, onOpenCell }: FramesProps): ReactNode {
  return frames.map((frame, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the frames of an error do not change
    <Frame key={index} frame={frame} onOpenCell={onOpenCell} />
  ))
}

function librariesOf(frames: readonly TraceFrame[]): string {
  const names = frames.flatMap(({ text }) => {
    const path = uncoloured(text).split("\n")[0] ?? ""
    const name = /(?:site|dist)-packages[/\\]([\w.-]+)/.exec(path)?.[1] ?? /[/\\]python\d[^/\\]*[/\\]([\w.-]+)/.exec(path)?.[1]
    return name ? [name.replace(/\.py$/, "")] : []
  })
  const known = [...new Set(names)]
  if (known.length === 0) return "libraries"
  return known.length > 3 ? `${known.slice(0, 3).join(", ")} and others` : known.join(", ")
}

function Frame({ frame, onOpenCell }: { readonly frame: TraceFrame; readonly onOpenCell: OpenCell | undefined }): ReactNode {
  const { executionCount, line } = frame
  return (
    <div className={styles["frame"]}>
      {executionCount !== undefined && onOpenCell && (
        <button type="button" className={styles["to-cell"]} onClick={() => onOpenCell({ executionCount, ...(line === undefined ? {} : { line }) })}>
          Go to cell [{executionCount}]{line === undefined ? "" : `, line ${line}`}
        </button>
      )}
      <TextOutput text={frame.text} label="Traceback" />
    </div>
  )
}
