/** Cells on the clipboard, as nbformat JSON, so that they go to another notebook, another tab, or a text file. Pure. */
import type { Json, JsonObject } from "#base/json.ts"
import type { NewCell } from "#draft/index.ts"

type Copied = {
  readonly id: string
  readonly type: string
  readonly text: string
  readonly metadata: JsonObject
  readonly attachments: JsonObject | undefined
  /** Whether there is something below its source. */
  readonly isShowing: boolean
}

/** What is put in. `leaves`: some of the cells showed something, which stays where it is. */
export type Pasted = {
  readonly cells: readonly NewCell[]
  readonly leaves: boolean
  /** The notebook that they were copied in, and their ids there. */
  readonly from: { readonly notebook: string; readonly ids: readonly string[] } | undefined
}

export function writtenCells(notebook: string, cells: readonly Copied[]): string {
  const nbformat = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {
      stet: { from: { notebook, ids: cells.map(({ id }) => id) }, ...(cells.some(({ isShowing }) => isShowing) ? { leftOutputs: true } : {}) },
    },
    cells: cells.map(({ type, text, metadata, attachments }, at) => ({
      id: `copied-${at}`,
      cell_type: type,
      metadata,
      source: text,
      ...(type === "code" ? { outputs: [], execution_count: null } : {}),
      ...(attachments ? { attachments } : {}),
    })),
  }
  return JSON.stringify(nbformat)
}

/** Undefined when the text is not that of cells. Outputs are left behind: the draft holds none, and what somebody pastes nothing computed. */
export function readCells(text: string): Pasted | undefined {
  if (!text.trimStart().startsWith("{")) return undefined
  try {
    const said: unknown = JSON.parse(text)
    if (!isRecord(said) || !Array.isArray(said["cells"])) return undefined
    const read = said["cells"].flatMap(readCell)
    return read.length > 0 ? { cells: read, leaves: leavesOutputs(said), from: fromIn(said, read.length) } : undefined
  } catch {
    return undefined
  }
}

function fromIn({ metadata }: Readonly<Record<string, Json>>, count: number): Pasted["from"] {
  const stet = isRecord(metadata) ? metadata["stet"] : undefined
  const from = isRecord(stet) ? stet["from"] : undefined
  if (!isRecord(from) || typeof from["notebook"] !== "string" || !Array.isArray(from["ids"])) return undefined
  const ids = from["ids"].filter((id) => typeof id === "string")
  return ids.length === count ? { notebook: from["notebook"], ids } : undefined
}

function leavesOutputs({ metadata, cells }: Readonly<Record<string, Json>>): boolean {
  const stet = isRecord(metadata) ? metadata["stet"] : undefined
  const hasOwn = (cell: Json) => isRecord(cell) && Array.isArray(cell["outputs"]) && cell["outputs"].length > 0
  return (isRecord(stet) && stet["leftOutputs"] === true) || (Array.isArray(cells) && cells.some(hasOwn))
}

function readCell(said: unknown): readonly NewCell[] {
  if (!isRecord(said)) return []
  const { cell_type: type, source, metadata, attachments } = said
  if (type !== "code" && type !== "markdown" && type !== "raw") return []
  const text = Array.isArray(source) ? source.filter((line) => typeof line === "string").join("") : typeof source === "string" ? source : ""
  return [
    {
      type,
      source: text.toWellFormed(),
      metadata: isRecord(metadata) ? (metadata as JsonObject) : {},
      ...(isRecord(attachments) ? { attachments: attachments as JsonObject } : {}),
    },
  ]
}

function isRecord(value: unknown): value is Readonly<Record<string, Json>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
