/**
 * A notebook in memory: an nbformat 4 document as plain data.
 *
 * Always true here, whatever was read: every multi-line string is joined, every cell has an id that is unique in the
 * document, and keys nobody knows are kept. Writing (write.ts) splits lines and sorts keys again.
 */
import type { Json, JsonObject } from "#base/json.ts"

export type Notebook = JsonObject & {
  readonly nbformat: 4
  readonly nbformat_minor: number
  readonly metadata: JsonObject
  readonly cells: readonly Cell[]
}

export type Cell = JsonObject & {
  readonly id: string
  /** "code", "markdown", "raw", or a type of a future minor, which is kept. */
  readonly cell_type: string
  readonly metadata: JsonObject
  readonly source: string
  /** Code cells only. */
  readonly outputs?: readonly Output[]
  /** Code cells only. */
  readonly execution_count?: number | null
}

/** One output: stream, display_data, execute_result, error, or a type of a future minor, which is kept. */
export type Output = JsonObject & { readonly output_type: string }

const LACKS_SOURCE = Symbol("lacks source")

/**
 * A cell of a future type that has no source: in memory it has an empty one, so that every cell has a text, and a mark that
 * survives copying by spread, so that it is written without one.
 */
export function withoutSource(cell: JsonObject): JsonObject {
  return Object.assign({ ...cell, source: "" }, { [LACKS_SOURCE]: true })
}

export function lacksSource(cell: Cell): boolean {
  return cell.source === "" && LACKS_SOURCE in cell
}

export function isCode(cell: Cell): boolean {
  return cell.cell_type === "code"
}

export function tagsOf(cell: Cell): readonly string[] {
  const tags = cell.metadata["tags"]
  return Array.isArray(tags) ? tags.filter((tag: Json): tag is string => typeof tag === "string") : []
}

/** The language the notebook says it is in, lower case; "" when it says nothing. */
export function languageOf(notebook: Notebook): string {
  const info = notebook.metadata["language_info"] as JsonObject | undefined
  const spec = notebook.metadata["kernelspec"] as JsonObject | undefined
  const name = info?.["name"] ?? spec?.["language"] ?? ""
  return typeof name === "string" ? name.toLowerCase() : ""
}

/** The kernel the notebook asks for; "" when it says nothing. */
export function kernelNameOf(notebook: Notebook): string {
  const spec = notebook.metadata["kernelspec"] as JsonObject | undefined
  return typeof spec?.["name"] === "string" ? spec["name"] : ""
}
