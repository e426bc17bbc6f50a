/** What was measured, as the JSON object that `--json` prints and as the table that people read. */
import { cpus, loadavg, release, totalmem } from "node:os"
import type { ContenderName } from "./contenders.ts"
import type { Measured } from "./measure.ts"

export type Report = {
  readonly date: string
  readonly machine: Machine
  readonly versions: { readonly [name: string]: string }
  readonly saves: { readonly [contender: string]: string }
  readonly repeats: number
  /** Seconds of `import ipykernel`, the floor under every cold start. */
  readonly kernel_import_s: number
  readonly workloads: readonly Row[]
}

export type Machine = {
  readonly cpu: string
  readonly cores: number
  readonly memory_gb: number
  readonly kernel: string
  readonly load_at_start: number
}

/** Ratios above 1 mean that Stet is faster; null where that contender never got through. */
export type Row = { readonly workload: string; readonly title: string; readonly lost: number | null } & {
  readonly [name in ContenderName]?: Summary
} & {
  readonly [ratio in `ratio_${string}`]?: number | null
}

/** Medians over the runs that got through (over all runs when none did), and each run. */
export type Summary = {
  readonly wall_s: number
  readonly cpu_s: number
  readonly cpu_with_kernel_s: number
  readonly rss_mb: number
  readonly written_mb: number
  readonly disk_mb: number
  readonly first_output_s?: number
  /** The most that one run lost. */
  readonly lost: number | null
  readonly failed: number
  readonly runs: readonly Measured[]
}

export function describeMachine(): Machine {
  const [first] = cpus()
  return {
    cpu: first?.model.trim() ?? "unknown",
    cores: cpus().length,
    memory_gb: Math.round(totalmem() / 2 ** 30),
    kernel: release().split("-")[0]!,
    load_at_start: round(loadavg()[0]!),
  }
}

function summarise(runs: readonly Measured[]): Summary {
  const through = runs.filter((run) => run.ok)
  const counted = through.length > 0 ? through : runs
  const of = (pick: (run: Measured) => number) => round(median(counted.map(pick)))
  const firsts = counted.flatMap((run) => (run.first_output_s === undefined ? [] : [run.first_output_s]))
  const losses = runs.flatMap((run) => (run.lost === null ? [] : [run.lost]))
  return {
    wall_s: of((run) => run.wall_s),
    cpu_s: of((run) => run.cpu_s),
    rss_mb: of((run) => run.rss_mb),
    written_mb: of((run) => run.written_mb),
    disk_mb: of((run) => run.disk_mb),
    cpu_with_kernel_s: of((run) => run.cpu_with_kernel_s),
    ...(firsts.length === 0 ? {} : { first_output_s: round(median(firsts)) }),
    lost: losses.length === 0 ? null : Math.max(...losses),
    failed: runs.length - through.length,
    runs,
  }
}

export function toRow(workload: string, title: string, measured: ReadonlyMap<ContenderName, readonly Measured[]>): Row {
  const summaries = [...measured].filter(([, runs]) => runs.length > 0).map(([name, runs]) => [name, summarise(runs)] as const)
  const stet = summaries.find(([name]) => name === "stet")?.[1]
  const others = summaries.filter(([name]) => name !== "stet")
  return {
    workload,
    title,
    ...Object.fromEntries(summaries),
    ...(stet === undefined ? {} : Object.fromEntries(others.flatMap(([name, other]) => ratios(name, stet, other)))),
    lost: stet?.lost ?? null,
  }
}

function ratios(name: string, stet: Summary, other: Summary): [string, number | null][] {
  const got = stet.failed < stet.runs.length && other.failed < other.runs.length
  const ratio = (a: number, b: number) => (got ? round(a / b) : null)
  const whole: [string, number | null] = [`ratio_${name}`, ratio(other.wall_s, stet.wall_s)]
  if (stet.first_output_s === undefined || other.first_output_s === undefined) return [whole]
  return [whole, [`ratio_first_output_${name}`, ratio(other.first_output_s, stet.first_output_s)]]
}

const HEAD = ["", "wall s", "stet ×", "CPU s", "RSS MB", "written MB", "disk MB", "first s", "lost", "failed"]

/** One block of the table. `stet ×` is how many times faster Stet was. */
export function toTable(row: Row, repeats: number): string {
  const names = ["stet", "floor", "papermill_default", "papermill_nosave", "nbclient"] as const
  const lines = names.flatMap((name) => {
    const of = row[name]
    return of === undefined ? [] : [cellsOf(name, of, row[`ratio_${name}`], repeats)]
  })
  const widths = HEAD.map((head, i) => Math.max(head.length, ...lines.map((line) => line[i]!.length)))
  const drawn = [HEAD, ...lines].map((line) => line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  "))
  return [`${row.workload}: ${row.title}`, ...drawn.map((line) => `  ${line}`), ""].join("\n")
}

function cellsOf(name: string, of: Summary, ratio: number | null | undefined, repeats: number): readonly string[] {
  const fixed = (value: number | undefined, digits: number) => value?.toFixed(digits) ?? ""
  const measured = [fixed(of.wall_s, 2), fixed(ratio ?? undefined, 2), fixed(of.cpu_s, 2), fixed(of.rss_mb, 0), fixed(of.written_mb, 1)]
  const lost = of.lost === null ? "–" : String(of.lost)
  return [name, ...measured, fixed(of.disk_mb, 1), fixed(of.first_output_s, 3), lost, of.failed === 0 ? "" : `${of.failed} of ${repeats}`]
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
