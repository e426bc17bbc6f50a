/** A notebook of about a megabyte as people write them, and what they do to it from one version to the next. */
import { noise } from "#library/adapters/blobs/testing.ts"

type Output = { readonly [key: string]: unknown }
type Cell = { readonly source: readonly string[]; readonly outputs: readonly Output[]; readonly count: number }
export type Draft = readonly Cell[]

const WORDS = "data frame column mean value index plot region sales model train score features labels filter group merge date price total".split(" ")

/** Random numbers by a seed. */
export function dice(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

function line(roll: (below: number) => number): string {
  const word = () => WORDS[roll(WORDS.length)]
  return `${word()}_${roll(90)} = ${word()}.${word()}("${word()} ${roll(10_000)}", ${word()}=${roll(1000) / 8})  # ${word()} ${word()}\n`
}

function output(roll: (below: number) => number, count: number): Output {
  const kind = roll(4)
  const rows = table(roll, 10 + roll(40))
  if (kind === 0) return { output_type: "stream", name: "stdout", text: rows }
  if (kind === 1)
    return {
      output_type: "execute_result",
      execution_count: count,
      metadata: {},
      data: { "text/plain": rows.slice(0, 5), "text/html": rows.map((row) => `<tr><td>${row.trim()}</td></tr>\n`) },
    }
  const png = Buffer.from(noise(2000 + roll(14_000), roll(1e9))).toString("base64")
  return { output_type: "display_data", metadata: {}, data: { "image/png": png, "text/plain": ["<Figure size 640x480>"] } }
}

export function draft(seed: number): Draft {
  const roll = dice(seed)
  return Array.from({ length: 130 }, (_, i) => ({
    source: Array.from({ length: 4 + roll(20) }, () => line(roll)),
    outputs: [output(roll, i + 1)],
    count: i + 1,
  }))
}

/** As Jupyter writes it. */
export function bytesOf(cells: Draft): Uint8Array {
  const written = cells.map(({ source, outputs, count }, i) => ({
    cell_type: "code",
    execution_count: count,
    id: `cell${i}`,
    metadata: {},
    outputs,
    source,
  }))
  const metadata = {
    kernelspec: { display_name: "Python 3", language: "python", name: "python3" },
    language_info: { name: "python", version: "3.11.2" },
  }
  return new TextEncoder().encode(`${JSON.stringify({ cells: written, metadata, nbformat: 4, nbformat_minor: 5 }, undefined, 1)}\n`)
}

export type Habit = (cells: Draft, roll: (below: number) => number) => Draft

/** What people do between two saves. */
export const HABITS: { readonly [name: string]: Habit } = {
  "one line, always in the same cell": (cells, roll) => edited(cells, 40, roll),
  "one line at a random place": (cells, roll) => edited(cells, roll(cells.length), roll),
  "a line and the text that its cell prints": (cells, roll) => {
    const at = roll(cells.length)
    return edited(cells, at, roll).map((cell, i) =>
      i === at ? { ...cell, count: cell.count + 1, outputs: cell.outputs.map((one) => printedAnew(one, roll)) } : cell,
    )
  },
  "a line, and every execution count because all was run": (cells, roll) =>
    edited(cells, roll(cells.length), roll).map((cell) => ({ ...cell, count: cell.count + cells.length })),
  "a cell moved, one put in, one taken out": (cells, roll) => {
    const [from, to, gone, fresh] = [roll(cells.length), roll(cells.length), roll(cells.length), roll(cells.length)]
    const moved = cells.toSpliced(from, 1).toSpliced(to, 0, cells[from] as Cell)
    return moved.toSpliced(gone, 1).toSpliced(fresh, 0, { source: [line(roll), line(roll)], outputs: (cells[gone] as Cell).outputs, count: 1 })
  },
}

function printedAnew(one: Output, roll: (below: number) => number): Output {
  return one["output_type"] === "stream" ? { ...one, text: table(roll, (one["text"] as readonly string[]).length) } : one
}

function table(roll: (below: number) => number, rows: number): readonly string[] {
  return Array.from({ length: rows }, (_, i) => `${i} ${roll(1_000_000) / 997} ${roll(1_000_000) / 991} ${WORDS[roll(WORDS.length)]}\n`)
}

function edited(cells: Draft, at: number, roll: (below: number) => number): Draft {
  const cell = cells[at] as Cell
  const source = cell.source.with(roll(cell.source.length), line(roll))
  return cells.with(at, { ...cell, source })
}
