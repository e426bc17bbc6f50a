/** Who runs the workloads, each as the process a user would start, all on one kernelspec of one Python environment. */
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Workload } from "./workloads.ts"

export type ContenderName = "stet" | "floor" | "papermill_default" | "papermill_nosave" | "nbclient"

export type Contender = {
  readonly name: ContenderName
  /** What it saves, and when: no comparison is fair without it. */
  readonly saves: string
  /** The commands that do the workload, to be started at once; none when this contender knows no such thing. */
  readonly commands: (job: Job) => readonly (readonly string[])[]
}

export type Job = {
  readonly workload: Workload
  /** A fresh directory for the results: `<number of the notebook>.ipynb`. */
  readonly into: string
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export function contenders(python: string): readonly Contender[] {
  const pairs = ({ workload, into }: Job) => workload.notebooks.map((notebook, i) => [notebook, resultPath(into, i)] as const)
  const papermill = (...flags: string[]) => {
    return (job: Job) => pairs(job).map(([from, to]) => [python, "-m", "papermill", ...flags, from, to])
  }
  const all: readonly Contender[] = [
    { name: "stet", saves: "journal synced every 50 ms at most, notebook at the end", commands: (job) => stetCommands(job, pairs(job)) },
    {
      name: "floor",
      saves: "nothing",
      commands: ({ workload, into }) => [[process.execPath, here("floor.ts"), ...firstFlag(workload, into), ...workload.notebooks]],
    },
    { name: "papermill_default", saves: "whole notebook before and after every cell", commands: papermill() },
    {
      name: "papermill_nosave",
      saves: "whole notebook once at the end",
      commands: papermill("--no-request-save-on-cell-execute", "--autosave-cell-every", "0"),
    },
    {
      name: "nbclient",
      saves: "whole notebook once at the end",
      commands: (job) => [[python, here("peers/nbclient_once.py"), ...pairs(job).flat()]],
    },
  ]
  return all.map((one) => (one.name === "stet" ? one : { ...one, commands: (job) => (isWarm(job.workload) ? [] : one.commands(job)) }))
}

function stetCommands({ workload, into }: Job, pairs: readonly (readonly [string, string])[]): readonly (readonly string[])[] {
  if (workload.notebooks.length > 1) return [[process.execPath, here("stet-many.ts"), ...pairs.flat()]]
  if (isWarm(workload)) return pairs.map((pair) => [process.execPath, here("stet-warm.ts"), workload.name.slice(3), ...pair, spanPath(into)])
  return pairs.map(([from, to]) => [process.execPath, here("../bin/stet.js"), "run", from, to])
}

function isWarm({ name }: Workload): boolean {
  return name === "W6-forked" || name === "W6-prewarmed"
}

function firstFlag(workload: Workload, into: string): readonly string[] {
  return workload.name === "W6" ? ["--first-to", firstPath(into)] : []
}

export function resultPath(into: string, i: number): string {
  return join(into, `${i}.ipynb`)
}

/** Where a run inside a process that was already up leaves when it began and how long it took. */
export function spanPath(into: string): string {
  return join(into, "span.json")
}

/** Where the floor, which keeps no notebook, leaves what was printed first. */
export function firstPath(into: string): string {
  return join(into, "first.txt")
}
