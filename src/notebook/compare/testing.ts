/** The test vocabulary of comparisons: outputs in short, and pictures written as PNG. */
import { deflateSync } from "node:zlib"
import type { Picture } from "#notebook/compare/png.ts"
import type { Output } from "#notebook/document.ts"

export function printed(text: string, name = "stdout"): Output {
  return { output_type: "stream", name, text }
}

export function shown(data: Readonly<Record<string, unknown>>): Output {
  return { output_type: "display_data", data, metadata: {} } as unknown as Output
}

export function raised(ename: string, evalue: string): Output {
  return { output_type: "error", ename, evalue, traceback: [`${ename} at line 1`] } as unknown as Output
}

export function frame(columns: readonly string[], rows: readonly (readonly (string | number)[])[], after = ""): string {
  const head = `<tr style="text-align: right;"><th></th>${columns.map((name) => `<th>${name}</th>`).join("")}</tr>`
  const body = rows.map((row, at) => `<tr><th>${at}</th>${row.map((value) => `<td>${value}</td>`).join("")}</tr>`).join("\n")
  return `<div><style scoped>.dataframe {}</style>\n<table border="1" class="dataframe"><thead>${head}</thead><tbody>${body}</tbody></table>${after}</div>`
}

/** RGBA of 8 bits, each row with the filter of this number; `texts` are notes that a program leaves in the file. */
export function pngOf(
  { width, height, rgba }: Picture,
  { filters = [0], note = "" }: { readonly filters?: readonly number[]; readonly note?: string } = {},
): string {
  const rows = Buffer.alloc(height * (1 + width * 4))
  for (let y = 0; y < height; y++) filterRow(rows, { rgba, y, length: width * 4, filter: filters[y % filters.length]! })
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 6, 0, 0, 0], 8)
  const chunks = [
    chunk("IHDR", header),
    chunk("tEXt", Buffer.from(`Software\0${note}`)),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]
  return Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), ...chunks]).toString("base64")
}

/** Checksums are not looked at, so none is made. */
function chunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  return Buffer.concat([length, Buffer.from(type, "latin1"), data, Buffer.alloc(4)])
}

type Filtering = { readonly rgba: Uint8Array; readonly y: number; readonly length: number; readonly filter: number }

/** As the standard's section 9 states each filter, written the other way round from how it is read. */
function filterRow(rows: Buffer, { rgba, y, length, filter }: Filtering): void {
  const at = (x: number, row: number) => (x < 0 || row < 0 ? 0 : rgba[row * length + x]!)
  rows[y * (1 + length)] = filter
  for (let x = 0; x < length; x++) {
    const [a, b, c] = [at(x - 4, y), at(x, y - 1), at(x - 4, y - 1)]
    const p = a + b - c
    const nearest = [a, b, c].toSorted((one, other) => Math.abs(p - one) - Math.abs(p - other))[0]!
    const expected = [0, a, b, Math.floor((a + b) / 2), nearest][filter]!
    rows[y * (1 + length) + 1 + x] = (at(x, y) - expected) & 255
  }
}
