/** One contender on one workload, once: started, watched from outside, its result checked. */
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Contender, firstPath, resultPath, spanPath } from "./contenders.ts"
import type { Loss, Workload } from "./workloads.ts"

/** Seconds and megabytes (10^6 bytes) of the runner alone, its kernels not counted, unless it says otherwise. */
export type Measured = {
  readonly ok: boolean
  /** Why it is not ok, in a line. */
  readonly failure?: string
  readonly wall_s: number
  readonly cpu_s: number
  /** Its own and that of the children it waited for: the kernels, where the runner sees them off. */
  readonly cpu_with_kernel_s: number
  /** Sum over the runner's processes of each one's peak. */
  readonly rss_mb: number
  /** Handed to write(2). */
  readonly written_mb: number
  /** Charged to the disk (whole pages, before what a later truncation cancelled). */
  readonly disk_mb: number
  /** Cells, lines or images that the result should hold and does not; null for the floor, which keeps none. */
  readonly lost: number | null
  /** Start of the runner until the kernel printed; only where the cell prints the time. */
  readonly first_output_s?: number
}

export type Bench = { readonly home: string; readonly python: string; readonly env: { readonly [name: string]: string } }

const TIMEOUT_S = 600
const INTERRUPTED = 130

/** Ctrl-C reached the watcher, which has ended what it watched. */
export class Interrupted extends Error {}

/** Undefined when this contender cannot do this workload. */
export function measure(bench: Bench, contender: Contender, workload: Workload): Measured | undefined {
  mkdirSync(bench.home, { recursive: true })
  const into = mkdtempSync(join(bench.home, `${workload.name}-${contender.name}-`))
  const commands = contender.commands({ workload, into })
  if (commands.length === 0) return undefined
  const watched = { ...watch(bench, commands, join(into, "stderr.txt")), ...spanIn(into) }
  const results = contender.name === "floor" ? [] : workload.notebooks.map((_, i) => resultPath(into, i))
  const losses = results.map((path) => checked(path, workload))
  const first = contender.name === "floor" ? firstOf(into, workload) : losses[0]?.firstPrintedNs
  const failure = failureOf(watched, losses, join(into, "stderr.txt"))
  rmSync(into, { recursive: true })
  return {
    ok: failure === undefined,
    ...(failure === undefined ? {} : { failure }),
    ...costs(watched),
    lost: contender.name === "floor" ? null : losses.reduce((sum, loss) => sum + loss.lost, 0),
    ...(first === undefined ? {} : { first_output_s: Number(first - BigInt(watched.began_at_ns)) / 1e9 }),
  }
}

type Watched = {
  readonly wall_s: number
  readonly began_at_ns: string
  readonly timed_out: boolean
  readonly processes: readonly {
    readonly exit: number
    readonly cpu_s: number
    readonly cpu_children_s: number
    readonly rss_kb: number
    readonly written_bytes: number
    readonly disk_bytes: number
  }[]
}

function watch(bench: Bench, commands: readonly (readonly string[])[], stderr: string): Watched {
  const order = JSON.stringify({ commands, stderr, timeout_s: TIMEOUT_S })
  const watcher = fileURLToPath(new URL("watch.py", import.meta.url))
  const done = spawnSync(bench.python, [watcher], { input: order, encoding: "utf8", env: bench.env, cwd: bench.home })
  if (done.status === INTERRUPTED) throw new Interrupted("Interrupted.")
  if (done.status !== 0) throw new Error(`The watcher itself failed (it needs Linux's /proc): ${done.stderr}`)
  return JSON.parse(done.stdout) as Watched
}

/** What a run inside a process that was already up says of its own beginning and length. */
function spanIn(into: string): Partial<Watched> {
  return existsSync(spanPath(into)) ? (JSON.parse(readFileSync(spanPath(into), "utf8")) as Pick<Watched, "began_at_ns" | "wall_s">) : {}
}

function costs({ wall_s, processes }: Watched) {
  const sum = (pick: (process: Watched["processes"][number]) => number) => processes.reduce((total, process) => total + pick(process), 0)
  return {
    wall_s,
    cpu_s: sum((p) => p.cpu_s),
    cpu_with_kernel_s: sum((p) => p.cpu_s + p.cpu_children_s),
    rss_mb: sum((p) => p.rss_kb) * 1.024e-3,
    written_mb: sum((p) => p.written_bytes) / 1e6,
    disk_mb: sum((p) => p.disk_bytes) / 1e6,
  }
}

/** A result that is not there, or is no notebook, has lost everything. */
function checked(path: string, workload: Workload): Loss {
  try {
    return workload.check(path)
  } catch {
    return { lost: workload.expected }
  }
}

function firstOf(into: string, workload: Workload): bigint | undefined {
  return workload.name === "W6" && existsSync(firstPath(into)) ? BigInt(readFileSync(firstPath(into), "utf8").trim()) : undefined
}

function failureOf({ timed_out, processes }: Watched, losses: readonly Loss[], stderr: string): string | undefined {
  if (timed_out) return `not over after ${TIMEOUT_S} s`
  const bad = processes.filter((process) => process.exit !== 0)
  const lost = losses.reduce((sum, loss) => sum + loss.lost, 0)
  if (bad.length > 0) return `exit ${bad.map((process) => process.exit).join(", ")}: ${lastWords(stderr)}`
  return lost > 0 ? `${lost} outputs lost with exit 0` : undefined
}

/** The last line that names an error; else the last line. */
function lastWords(path: string): string {
  const lines = readFileSync(path, "utf8")
    .trim()
    .split(/[\r\n]+/)
  return (lines.findLast((line) => /\w(Error|Exception)\b/.test(line)) ?? lines.at(-1) ?? "").slice(0, 300)
}
