/** What Jupyter drops from a notebook on reading and on writing alike, because it holds only where it was set. */
import { isObject, type JsonObject } from "#base/json.ts"

/** Notebook metadata without the seal and the memory of an older format. */
export function stripMetadata(metadata: JsonObject): JsonObject {
  if (!["signature", "orig_nbformat", "orig_nbformat_minor"].some((key) => Object.hasOwn(metadata, key))) return metadata
  const { signature: _1, orig_nbformat: _2, orig_nbformat_minor: _3, ...kept } = metadata
  return kept
}

/** The cell without the mark that its outputs are trusted. */
export function stripCell(cell: JsonObject): JsonObject {
  const metadata = cell["metadata"]
  if (!isObject(metadata) || !Object.hasOwn(metadata, "trusted")) return cell
  const { trusted: _, ...kept } = metadata
  return { ...cell, metadata: kept }
}
