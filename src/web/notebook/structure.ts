/** The cells in order with everything but their text: it changes when a cell comes, goes, moves or is retyped, never while one types. */
import type { JsonObject } from "#base/json.ts"
import type { Draft, DraftCell } from "#draft/index.ts"
import type { Store } from "#web/notebook/store.ts"

export type Structure = {
  readonly ids: readonly string[]
  readonly cells: ReadonlyMap<string, CellShape>
  readonly metadata: JsonObject
}

export type CellShape = Pick<DraftCell, "id" | "type" | "source" | "metadata" | "attachments" | "tags" | "shows"> & {
  readonly hidesCode: boolean
  readonly hidesOutput: boolean
  /** The output keeps a bounded height and scrolls. */
  readonly scrolls: boolean
}

export function structureOf(draft: Draft): Structure {
  const cells = draft.cells()
  return { ids: cells.map((cell) => cell.id), cells: new Map(cells.map((cell) => [cell.id, shapeOf(cell)])), metadata: draft.metadata() }
}

export function watchStructure(draft: Draft, structure: Store<Structure>): () => void {
  return draft.observe((change) => {
    if (change.isOnlyText && !change.isReordered && !change.isMeta) return
    structure.change((was) => {
      const cells = new Map(was.cells)
      for (const id of change.cells) {
        const cell = draft.cell(id)
        if (cell) cells.set(id, shapeOf(cell))
        else cells.delete(id)
      }
      const ids = change.isReordered ? draft.cells().map((cell) => cell.id) : was.ids
      return { ids, cells, metadata: change.isMeta ? draft.metadata() : was.metadata }
    })
  })
}

function shapeOf({ id, type, source, metadata, attachments, tags, shows }: DraftCell): CellShape {
  const jupyter = objectIn(metadata["jupyter"])
  return {
    id,
    type,
    source,
    metadata,
    attachments,
    tags,
    shows,
    hidesCode: jupyter["source_hidden"] === true,
    hidesOutput: jupyter["outputs_hidden"] === true || metadata["collapsed"] === true,
    scrolls: metadata["scrolled"] === true,
  }
}

function objectIn(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}

/** The language of the notebook's code, lower case; "" when nothing says it. */
export function languageIn(metadata: JsonObject): string {
  const said = objectIn(metadata["language_info"])["name"] ?? objectIn(metadata["kernelspec"])["language"]
  return typeof said === "string" ? said.toLowerCase() : ""
}
