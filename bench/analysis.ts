/**
 * `npm run bench -- analysis [--repeat 30] [--json]`
 *
 * What is worked out about a notebook without running it, at the sizes that are promised: readiness of 100 cells, at the first look
 * and after one cell was edited, and the difference of two versions of 500 cells. The code is that of the example templates, again and
 * again with other names, so that nothing is found twice. Wall-clock milliseconds: median and the slowest of twenty.
 */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { analystFor, type Cell, diff, isCode, type Notebook, read } from "#notebook/index.ts"
import { describeMachine } from "./report.ts"

const { values: options } = parseArgs({
  allowPositionals: true,
  options: { repeat: { type: "string", default: "30" }, json: { type: "boolean", default: false } },
})
const REPEAT = Number(options.repeat)

type Line = { readonly what: string; readonly median_ms: number; readonly slow_ms: number; readonly promise: string }

const TEMPLATES = fileURLToPath(new URL("../examples/templates", import.meta.url))
const lines = [await firstLook(), await afterAnEdit(), difference()]
if (options.json) process.stdout.write(`${JSON.stringify({ date: new Date().toISOString(), machine: describeMachine(), lines }, undefined, 1)}\n`)
else
  for (const { what, median_ms, slow_ms, promise } of lines)
    process.stdout.write(`${what.padEnd(60)} ${median_ms.toFixed(1).padStart(7)} ms ${slow_ms.toFixed(1).padStart(7)} ms   ${promise}\n`)

async function firstLook(): Promise<Line> {
  const notebook = made(100)
  const took: number[] = []
  for (let turn = 0; turn < REPEAT; turn++) {
    const analyst = await analystFor(notebook)
    took.push(timed(() => analyst.readiness(notebook)))
  }
  return line("readiness of 100 cells, first look", took, "< 50 ms")
}

async function afterAnEdit(): Promise<Line> {
  let notebook = made(100)
  const analyst = await analystFor(notebook)
  analyst.readiness(notebook)
  const took: number[] = []
  for (let turn = 0; turn < REPEAT; turn++) {
    notebook = edited(notebook, (turn * 37) % notebook.cells.length, `edited_${turn} = ${turn}`)
    took.push(timed(() => analyst.readiness(notebook)))
  }
  return line("readiness of 100 cells, one of them edited", took, "< 50 ms")
}

/** Every tenth cell is changed, every twentieth gone, every thirtieth elsewhere. */
function difference(): Line {
  const before = made(500)
  const changed = before.cells.map((cell, index) => (index % 10 === 3 ? { ...cell, source: `${cell.source}\n# and more` } : cell))
  const left = changed.filter((_, index) => index % 20 !== 7)
  const [moved, stayed] = [left.filter((_, index) => index % 30 === 11), left.filter((_, index) => index % 30 !== 11)]
  const after = { ...before, cells: [...stayed, ...moved] }
  const took = Array.from({ length: REPEAT }, () => timed(() => diff(before, after)))
  return line("difference of two versions of 500 cells", took, "< 100 ms")
}

function timed(act: () => unknown): number {
  const since = performance.now()
  act()
  return performance.now() - since
}

function line(what: string, took: readonly number[], promise: string): Line {
  const sorted = took.toSorted((a, b) => a - b)
  return { what, median_ms: sorted[Math.floor(sorted.length / 2)] ?? 0, slow_ms: sorted[Math.floor(sorted.length * 0.95)] ?? 0, promise }
}

/** So many code cells of Python, each with an id and a name of its own. */
function made(count: number): Notebook {
  const found = readdirSync(TEMPLATES).flatMap((folder) => cellsIn(join(TEMPLATES, folder)))
  const cells = Array.from({ length: count }, (_, index): Cell => {
    const cell = found[index % found.length] as Cell
    const round = Math.floor(index / found.length)
    return { ...cell, id: `cell-${index}`, source: round === 0 ? cell.source : cell.source.replaceAll(/\b([a-z]{4,})_/gu, `$1${round}_`) }
  })
  return { nbformat: 4, nbformat_minor: 5, metadata: { kernelspec: { name: "python3", language: "python" } }, cells } as unknown as Notebook
}

function cellsIn(folder: string): readonly Cell[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".ipynb") && !folder.endsWith("r-report"))
    .flatMap((name) => {
      const reading = read(readFileSync(join(folder, name)))
      return reading.ok ? reading.value.notebook.cells.filter(isCode) : []
    })
}

function edited(notebook: Notebook, index: number, source: string): Notebook {
  return { ...notebook, cells: notebook.cells.map((cell, at) => (at === index ? { ...cell, source: `${cell.source}\n${source}` } : cell)) }
}
