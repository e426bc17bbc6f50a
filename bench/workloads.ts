/**
 * The six workloads, made afresh into a directory for every run of the benchmark, and what their results must hold.
 * The same sizes give the same bytes; `lost` counts what a result should hold and does not: cells, lines or images.
 */
import { createHash } from "node:crypto"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

export type WorkloadName = "W1" | "W2" | "W2-flushed" | "W3" | "W4" | "W5" | "W6" | "W6-forked" | "W6-prewarmed"

export type Workload = {
  readonly name: WorkloadName
  readonly title: string
  /** One notebook file, or several that are to run at once. */
  readonly notebooks: readonly string[]
  /** Outputs (W1: executed cells) that each result must hold. */
  readonly expected: number
  /** Reads a result and counts what is missing. @throws when it is not a notebook at all */
  readonly check: (result: string) => Loss
}

export type Loss = { readonly lost: number; readonly firstPrintedNs?: bigint }

export type Sizes = {
  readonly cells: number
  readonly plainLines: number
  readonly flushedLines: number
  readonly stormLines: number
  readonly images: number
  readonly imageBytes: number
  readonly textCells: number
  readonly textLines: number
  readonly atOnce: number
  readonly naps: number
}

export const FULL: Sizes = {
  cells: 500,
  plainLines: 100_000,
  flushedLines: 20_000,
  stormLines: 100_000,
  images: 100,
  imageBytes: 1_500_000,
  textCells: 200,
  textLines: 1311,
  atOnce: 20,
  naps: 4,
}

/** For CI: every path is walked, nothing takes long. */
export const SHORT: Sizes = {
  cells: 40,
  plainLines: 5_000,
  flushedLines: 1_000,
  stormLines: 5_000,
  images: 4,
  imageBytes: 1_500_000,
  textCells: 10,
  textLines: 1311,
  atOnce: 4,
  naps: 1,
}

export function makeWorkloads(directory: string, sizes: Sizes): readonly Workload[] {
  mkdirSync(directory, { recursive: true })
  const put = (name: string, sources: readonly string[]) => writeNotebook(join(directory, `${name}.ipynb`), sources)
  const oneCell = { notebooks: [put("W6", ["import time\nprint(time.time_ns(), flush=True)"])], expected: 1, check: readFirstPrint }
  const image = (i: number) => [`show(${i})`]
  return [
    {
      name: "W1",
      title: `${sizes.cells} cells x = i`,
      notebooks: [
        put(
          "W1",
          numbers(sizes.cells).map((i) => `x = ${i}`),
        ),
      ],
      ...executedCells(sizes.cells),
    },
    {
      name: "W2",
      title: `${sizes.plainLines} plain + ${sizes.flushedLines} flushed lines`,
      notebooks: [put("W2", [printing(sizes.plainLines, false), printing(sizes.flushedLines, true)])],
      ...lines([linesOf(sizes.plainLines), linesOf(sizes.flushedLines)]),
    },
    {
      name: "W2-flushed",
      title: `${sizes.stormLines} flushed lines`,
      notebooks: [put("W2-flushed", [printing(sizes.stormLines, true)])],
      ...lines([linesOf(sizes.stormLines)]),
    },
    {
      name: "W3",
      title: `${sizes.images} images of ${Math.round((sizes.imageBytes * 4) / 3e5) / 10} MB`,
      notebooks: [put("W3", [imageMaker(sizes.imageBytes), ...numbers(sizes.images).flatMap(image)])],
      ...images(sizes.images, sizes.imageBytes),
    },
    {
      name: "W4",
      title: `${sizes.textCells} cells of ${Math.round(sizes.textLines / 10.24)} KB text`,
      notebooks: [put("W4", numbers(sizes.textCells).map(textCell(sizes.textLines)))],
      ...lines(numbers(sizes.textCells).map((i) => textOf(i, sizes.textLines))),
    },
    {
      name: "W5",
      title: `${sizes.atOnce} notebooks of ${sizes.naps * 0.5} s at once`,
      notebooks: numbers(sizes.atOnce).map((i) => put(`W5-${i}`, numbers(sizes.naps).map(nap))),
      ...lines(numbers(sizes.naps).map((i) => [`nap ${i}`])),
    },
    {
      name: "W6",
      title: "one cell, everything cold",
      ...oneCell,
    },
    {
      name: "W6-forked",
      title: "one cell, kernel forked from a zygote in a process of Stet that is up",
      ...oneCell,
    },
    {
      name: "W6-prewarmed",
      title: "one cell, kernel waiting in a process of Stet that is up",
      ...oneCell,
    },
  ]
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i)
}

function printing(lines: number, flushed: boolean): string {
  return `for i in range(${lines}):\n    print("line", i${flushed ? ", flush=True" : ""})`
}

function linesOf(count: number): readonly string[] {
  return numbers(count).map((i) => `line ${i}`)
}

// SHAKE gives both sides the same incompressible bytes, so the digest of every image can be expected.
function imageMaker(bytes: number): string {
  return `import hashlib
from IPython.display import Image, display

def show(i):
    display(Image(b"\\x89PNG\\r\\n\\x1a\\n" + hashlib.shake_128(b"%d" % i).digest(${bytes - 8}), format="png"))`
}

function expectedImage(i: number, bytes: number): string {
  const body = createHash("shake128", { outputLength: bytes - 8 })
    .update(String(i))
    .digest()
  return digestOf(Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), body]).toString("base64"))
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex")
}

function textCell(lines: number): (i: number) => string {
  return (i) => `print("\\n".join(f"${i} {n} ".ljust(99, ".") for n in range(${lines})))`
}

function textOf(cell: number, lines: number): readonly string[] {
  return numbers(lines).map((n) => `${cell} ${n} `.padEnd(99, "."))
}

function nap(i: number): string {
  return `import time\ntime.sleep(0.5)\nprint("nap", ${i})`
}

function writeNotebook(path: string, sources: readonly string[]): string {
  const cells = sources.map((source, i) => ({
    cell_type: "code",
    execution_count: null,
    id: `cell-${i}`,
    metadata: {},
    outputs: [],
    source,
  }))
  const metadata = { kernelspec: { display_name: "Python 3", language: "python", name: "python3" }, language_info: { name: "python" } }
  writeFileSync(path, `${JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }, undefined, 1)}\n`)
  return path
}

type Output = { readonly output_type: string; readonly text?: Lines; readonly data?: { readonly [mime: string]: Lines } }
type Lines = string | readonly string[]
type Cell = { readonly cell_type: string; readonly execution_count?: number | null; readonly source: Lines; readonly outputs?: readonly Output[] }

function codeCells(path: string): readonly Cell[] {
  const { cells } = JSON.parse(readFileSync(path, "utf8")) as { readonly cells: readonly Cell[] }
  return cells.filter((cell) => cell.cell_type === "code")
}

function whole(lines: Lines): string {
  return typeof lines === "string" ? lines : lines.join("")
}

function printedBy(cell: Cell | undefined): string {
  return (cell?.outputs ?? []).map((output) => (output.output_type === "stream" ? whole(output.text ?? "") : "")).join("")
}

type Expectation = Pick<Workload, "expected" | "check">

function executedCells(expected: number): Expectation {
  const check = (result: string) => {
    const cells = codeCells(result)
    const kept = numbers(expected).filter((i) => cells[i]?.execution_count === i + 1 && whole(cells[i].source) === `x = ${i}`)
    return { lost: expected - kept.length }
  }
  return { expected, check }
}

/** A line counts as kept when it stands in its cell behind the line that came before it. */
function lines(ofCells: readonly (readonly string[])[]): Expectation {
  const check = (result: string) => {
    const cells = codeCells(result)
    return { lost: sum(ofCells.map((expected, i) => missing(expected, printedBy(cells[i]).split("\n")))) }
  }
  return { expected: sum(ofCells.map((expected) => expected.length)), check }
}

function missing(expected: readonly string[], found: readonly string[]): number {
  let at = 0
  let lost = 0
  const placeOf = new Map(found.map((line, place) => [line, place]))
  for (const line of expected) {
    const place = found[at] === line ? at : (placeOf.get(line) ?? -1)
    if (place < at) lost++
    else at = place + 1
  }
  return lost
}

function images(expected: number, bytes: number): Expectation {
  const wanted = numbers(expected).map((i) => expectedImage(i, bytes))
  const check = (result: string) => {
    const cells = codeCells(result)
    const kept = wanted.filter((digest, i) => {
      const [output] = cells[i + 1]?.outputs ?? []
      // Writers may end base64 with a newline; it is no part of the image.
      return digestOf(whole(output?.data?.["image/png"] ?? "").trimEnd()) === digest
    })
    return { lost: expected - kept.length }
  }
  return { expected, check }
}

function readFirstPrint(result: string): Loss {
  const printed = printedBy(codeCells(result)[0]).trim()
  const kept = /^\d{19}$/.test(printed)
  return kept ? { lost: 0, firstPrintedNs: BigInt(printed) } : { lost: 1 }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
