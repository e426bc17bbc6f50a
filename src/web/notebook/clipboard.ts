/** Cells on the clipboard, as nbformat JSON, so that they go to another notebook, another tab, or a text file. Pure. */
import type { Json, JsonObject } from "#base/json.ts"
import type { NewCell } from "#draft/index.ts"

type Copied = { readonly type: string; readonly text: string; readonly metadata: JsonObject; readonly attachments: JsonObject | undefined }

export function writtenCells(cells: readonly Copied[]): string {
  const nbformat = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: {},
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

/** Undefined when the text is not that of cells. Outputs are left behind: the draft holds none. */
export function readCells(text: string): readonly NewCell[] | undefined {
  if (!text.trimStart().startsWith("{")) return undefined
  try {
    const said: unknown = JSON.parse(text)
    const cells = isRecord(said) && Array.isArray(said["cells"]) ? said["cells"] : undefined
    const read = cells?.flatMap(readCell)
    return read && read.length > 0 ? read : undefined
  } catch {
    return undefined
  }
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
