/**
 * Writing a notebook, byte for byte as Jupyter's own writer does: indent 1, keys by code point, texts split into lines,
 * nothing escaped that need not be, one final newline.
 *
 * A notebook can also be put together from parts that were written before:
 * `head + cells.join(separator) + tail` of its frame, or `empty` when there are no cells, is the same text.
 */
import { type JsonObject, writeAt } from "#base/json.ts"
import { type Cell, lacksSource, type Notebook, type Output } from "#notebook/document.ts"
import { splitCell, splitOutput } from "#notebook/multiline.ts"
import { stripCell, stripMetadata } from "#notebook/transient.ts"

/** The text around a list of parts: `head + parts.join(separator) + tail`, or `empty` when there are no parts. */
export type Frame = { readonly head: string; readonly separator: string; readonly tail: string; readonly empty: string }

/** @throws Error for a text with a lone surrogate or a string left as bytes, before anything is returned (see write in #base/json.ts). */
export function write(notebook: Notebook): string {
  const frame = frameOf(notebook)
  if (notebook.cells.length === 0) return frame.empty
  return frame.head + notebook.cells.map((cell) => writeCell(cell)).join(frame.separator) + frame.tail
}

/** All of a notebook but its cells. */
export function frameOf(notebook: Notebook): Frame {
  const around = frame({ ...notebook, metadata: stripMetadata(notebook.metadata) }, "cells", 0)
  return { ...around, tail: `${around.tail}\n`, empty: `${around.empty}\n` }
}

/** One cell as it stands in the notebook's list of cells, from its opening brace to its closing one. */
export function writeCell(cell: Cell, level = CELL_LEVEL): string {
  return writeAt(forFile(cell), 1, level)
}

/** All of a code cell but its outputs, as it stands in the notebook's list of cells. */
export function cellFrameOf(cell: Cell): Frame {
  return frame(forFile({ ...cell, outputs: [] }), "outputs", CELL_LEVEL)
}

/** One output as it stands in its cell's list of outputs. */
export function writeOutput(output: Output, level = OUTPUT_LEVEL): string {
  return writeAt(splitOutput(output), 1, level)
}

// How deep things stand in a file: notebook, its list of cells, a cell, its list of outputs, an output.
const CELL_LEVEL = 2
const OUTPUT_LEVEL = 4

/** What a file holds for a cell. */
function forFile(cell: Cell): JsonObject {
  const split = stripCell(splitCell(cell))
  if (!lacksSource(cell)) return split
  const { source: _, ...kept } = split
  return kept
}

// Strings hold no raw line break, so a line that begins with exactly this indent and this key is the member itself.
function frame(object: JsonObject, key: string, level: number): Frame {
  const empty = writeAt({ ...object, [key]: [] }, 1, level)
  const outer = `\n${" ".repeat(level + 1)}`
  const inner = `${outer} `
  const start = `${outer}${JSON.stringify(key)}: [`
  const at = empty.indexOf(`${start}]`) + start.length
  return { head: empty.slice(0, at) + inner, separator: `,${inner}`, tail: outer + empty.slice(at), empty }
}
