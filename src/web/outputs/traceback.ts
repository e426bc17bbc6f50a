/** Reads the traceback of an error: which of its frames are the notebook's own, and where. Pure. */
import type { LiveOutput } from "#api/live.ts"
import { own, textOf } from "#web/outputs/bundle.ts"
import { uncoloured } from "#web/outputs/terminal.ts"

export type TraceFrame = {
  readonly text: string
  /** `cell`: code of the notebook. `library`: code that was installed. `other`: a file of the author's, or not a frame at all. */
  readonly kind: "cell" | "library" | "other"
  /** The count that the cell had when it ran, as its prompt shows it. */
  readonly executionCount?: number
  readonly line?: number
}

export type Trace = { readonly raised: string; readonly frames: readonly TraceFrame[] }

export function traceOf(output: LiveOutput): Trace {
  const name = textOf(own(output, "ename")) ?? ""
  const value = textOf(own(output, "evalue")) ?? ""
  const raised = [name, value].filter((part) => part !== "").join(": ")
  const traceback = own(output, "traceback")
  const parts = Array.isArray(traceback) ? traceback.filter((part): part is string => typeof part === "string") : []
  // IPython draws a rule above; the one at the side says the same.
  const told = parts.filter((part) => !/^\s*-+\s*$/.test(uncoloured(part)))
  return { raised, frames: told.flatMap(framesOf) }
}

// A plain Python traceback comes as one text: "Traceback …", then two lines a frame.
const PLAIN_FRAME = /^(?= {2}File ")/m

function framesOf(part: string): readonly TraceFrame[] {
  const texts = PLAIN_FRAME.test(part) ? part.split(PLAIN_FRAME) : [part]
  return texts.filter((text) => text !== "").map(frameOf)
}

const CELL = /^\s*(?:(?:Cell )?In ?\[(\d+)\]|Input In \[(\d+)\]|<ipython-input-(\d+)-\w+>)(?:,? ?in [^\n]*?|, line (\d+)|[^\n]*)/
const LIBRARY =
  /^\s*(?:File )?"?[^\n"]*(?:[/\\](?:site|dist)-packages[/\\]|[/\\]lib(?:64)?[/\\]python\d[^/\\]*[/\\]|<frozen |[/\\]R[/\\]library[/\\])/

function frameOf(text: string): TraceFrame {
  const bare = uncoloured(text)
  const cell = CELL.exec(bare)
  if (cell) {
    const executionCount = Number(cell[1] ?? cell[2] ?? cell[3])
    const line = Number(cell[4] ?? /^-+> ?(\d+)/m.exec(bare)?.[1])
    return { text, kind: "cell", executionCount, ...(Number.isFinite(line) ? { line } : {}) }
  }
  return { text, kind: LIBRARY.test(bare.split("\n")[0] ?? "") ? "library" : "other" }
}

/** `of`: whose frames they are; a function that calls itself a thousand times has as many of its own. */
export type TracePart = { readonly frames: readonly TraceFrame[]; readonly isFolded: boolean; readonly of: "libraries" | "own" }

const MOST_OWN = 20
const [FIRST_SHOWN, LAST_SHOWN] = [4, 8]

/** Frames of libraries that follow each other stand folded, and so does the middle of very many others: how it began and where it ended does not. */
export function folded(frames: readonly TraceFrame[]): readonly TracePart[] {
  const parts: { frames: TraceFrame[]; isFolded: boolean; of: TracePart["of"] }[] = []
  for (const frame of frames) {
    const isFolded = frame.kind === "library"
    const last = parts.at(-1)
    if (last && last.isFolded === isFolded) last.frames.push(frame)
    else parts.push({ frames: [frame], isFolded, of: isFolded ? "libraries" : "own" })
  }
  return parts.flatMap(middleFolded)
}

function middleFolded(part: TracePart): readonly TracePart[] {
  const { frames, of } = part
  if (of === "libraries" || frames.length <= MOST_OWN) return [part]
  const end = frames.length - LAST_SHOWN
  return [
    { of, frames: frames.slice(0, FIRST_SHOWN), isFolded: false },
    { of, frames: frames.slice(FIRST_SHOWN, end), isFolded: true },
    { of, frames: frames.slice(end), isFolded: false },
  ]
}
