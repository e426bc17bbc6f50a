/**
 * `npm run bench -- [run] [--json] [--only W1,W3] [--contenders stet,nbclient] [--repeat 5] [--save] [--short]`
 *
 * Runs the workloads with every contender in turn (A B C D, A B C D, …: drift of the machine hits all alike) and prints
 * medians. STET_TEST_PYTHON names the interpreter of an environment that holds papermill, nbclient and ipykernel.
 * `--short` is what CI runs: Stet alone, small sizes, once; exit 1 when an output was lost, and no claim about speed.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { type Contender, type ContenderName, contenders } from "./contenders.ts"
import { kernelImportSeconds, peersPython, surroundings, versions } from "./environment.ts"
import { type Bench, Interrupted, type Measured, measure } from "./measure.ts"
import { describeMachine, type Report, type Row, toRow, toTable } from "./report.ts"
import { FULL, makeWorkloads, SHORT, type Workload } from "./workloads.ts"

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    only: { type: "string" },
    contenders: { type: "string" },
    repeat: { type: "string" },
    save: { type: "boolean", default: false },
    short: { type: "boolean", default: false },
  },
})

class Misuse extends Error {}

// Whatever runs at the moment hears Ctrl-C too and ends; we stay to clean up.
let isInterrupted = false
process.on("SIGINT", () => {
  isInterrupted = true
})
const home = realpathSync(mkdtempSync(join(tmpdir(), "stet-bench-")))
try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof Misuse || error instanceof Interrupted)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = error instanceof Misuse ? 2 : 130
} finally {
  rmSync(home, { recursive: true, force: true })
}

async function main(): Promise<number> {
  const testPython = process.env["STET_TEST_PYTHON"]
  if (positionals.some((word) => word !== "run")) return misused(`"${positionals.join(" ")}" is nothing this can do; the only verb is run.`)
  if (!testPython) return misused("STET_TEST_PYTHON is not set: it names the Python that holds papermill, nbclient and ipykernel.")
  const repeats = Number(options.repeat ?? (options.short ? 1 : 5))
  if (!Number.isInteger(repeats) || repeats < 1) return misused(`--repeat takes a whole number from 1, not "${options.repeat}".`)

  const python = options.short ? testPython : peersPython(testPython)
  const taking = named(contenders(python), options.contenders ?? (options.short ? "stet" : undefined))
  const workloads = named(makeWorkloads(join(home, "in"), options.short ? SHORT : FULL), options.only)
  const bench = { home, python, env: surroundings(python, home) }
  const head = { date: new Date().toISOString(), machine: describeMachine(), versions: versions(python) }
  const saves = Object.fromEntries(taking.map(({ name, saves }) => [name, saves]))
  const kernel_import_s = Math.round(kernelImportSeconds(python) * 1000) / 1000
  say(introduction(head, kernel_import_s, saves))
  await warmUp(bench, taking)
  const rows: Row[] = []
  for (const workload of workloads) rows.push(...(await race(bench, taking, { workload, repeats })))
  publish({ ...head, saves, repeats, kernel_import_s, workloads: rows })
  return options.short && taking.some(({ name }) => name === "stet") ? verdict(rows) : 0
}

/** No row when none of the contenders knows the workload. */
async function race(
  bench: Bench,
  taking: readonly Contender[],
  { workload, repeats }: { workload: Workload; repeats: number },
): Promise<readonly Row[]> {
  const measured = new Map<ContenderName, Measured[]>(taking.map(({ name }) => [name, []]))
  for (let round = 1; round <= repeats; round++) {
    for (const contender of taking) {
      await untilHeard()
      const run = measure(bench, contender, workload)
      if (run === undefined) continue
      measured.get(contender.name)!.push(run)
      progress(`${workload.name} ${round}/${repeats} ${contender.name}: ${run.wall_s.toFixed(2)} s${run.ok ? "" : ` — ${run.failure}`}`)
    }
  }
  if ([...measured.values()].every((runs) => runs.length === 0)) return []
  const row = toRow(workload.name, workload.title, measured)
  say(`\n${toTable(row, repeats)}`)
  return [row]
}

/** Byte code, compile caches and pages of every contender are warm before anything counts. */
async function warmUp(bench: Bench, taking: readonly Contender[]): Promise<void> {
  const [oneCell] = makeWorkloads(join(home, "warm"), SHORT).filter(({ name }) => name === "W6")
  for (const contender of taking) {
    await untilHeard()
    measure(bench, contender, oneCell!)
  }
}

/** Everything else here is synchronous: this is where a signal gets a hearing. */
async function untilHeard(): Promise<void> {
  await new Promise((heard) => setImmediate(heard))
  if (isInterrupted) throw new Interrupted("Interrupted.")
}

function verdict(rows: readonly Row[]): number {
  const failed = rows.flatMap((row) =>
    (row.stet?.runs ?? []).flatMap((run) => (run.failure === undefined ? [] : [`${row.workload}: ${run.failure}`])),
  )
  const ok = failed.length === 0
  say(ok ? `Bench, short form: ${rows.length} workloads, nothing lost.` : `Bench, short form: FAILED.\n${failed.join("\n")}`)
  return ok ? 0 : 1
}

function publish(report: Report): void {
  const text = JSON.stringify(report, undefined, 1)
  if (options.json) process.stdout.write(`${text}\n`)
  if (!options.save) return
  const results = fileURLToPath(new URL("results", import.meta.url))
  mkdirSync(results, { recursive: true })
  writeFileSync(join(results, `${report.date.slice(0, 10)}.json`), `${text}\n`)
}

function introduction({ machine, versions }: Pick<Report, "machine" | "versions">, importSeconds: number, saves: Report["saves"]): string {
  return [
    `${machine.cores} × ${machine.cpu}, ${machine.memory_gb} GB, Linux ${machine.kernel}, load ${machine.load_at_start}`,
    Object.entries(versions)
      .map((pair) => pair.join(" "))
      .join(", "),
    `importing the kernel alone: ${importSeconds.toFixed(2)} s; CPU, RSS and bytes are the runner's own, the kernel's not counted`,
    ...Object.entries(saves).map(([name, when]) => `  ${name} saves ${when}`),
  ].join("\n")
}

function named<Thing extends { readonly name: string }>(things: readonly Thing[], names: string | undefined): readonly Thing[] {
  if (names === undefined) return things
  const wanted = names.split(",")
  const unknown = wanted.filter((name) => !things.some((thing) => thing.name === name))
  if (unknown.length > 0) throw new Misuse(`There is no ${unknown.join(", ")} here; there are ${things.map((thing) => thing.name).join(", ")}.`)
  return things.filter((thing) => wanted.includes(thing.name))
}

function misused(complaint: string): number {
  process.stderr.write(`${complaint}\n`)
  return 2
}

/** With --json, standard output belongs to the object alone. */
function say(text: string): void {
  ;(options.json ? process.stderr : process.stdout).write(`${text}\n`)
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`)
}
