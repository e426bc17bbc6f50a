/** What a rerun came to, for people and for machines. */
import type { Json } from "#base/json.ts"
import { toHuman, toIso } from "#base/time.ts"
import type { Rerun } from "#cli/rerun.ts"
import { table } from "#cli/table.ts"
import type { Reproduced, ReproducedCell, Reproduction } from "#notebook/index.ts"

/** Whether it got to its end and showed again all that is stored. */
export function isProven({ exit, outputs }: Rerun): boolean {
  return exit === 0 && outputs?.isReproduced === true
}

export function rerunText(path: string, rerun: Rerun): string {
  const { run, outputs, times } = rerun
  const took = toHuman(run.endedAt - run.beganAt)
  const how = times === 2 ? `reruns clean, twice, the first time in ${took}` : `reruns clean in ${took}`
  const shown = outputs ? `; ${outputWords(outputs)}` : ""
  const failed = failureOf(rerun)
  const head = failed === undefined ? `${how}${shown}` : `does not rerun: ${failed}`
  const rows = (outputs?.cells ?? []).filter((cell) => isTold(cell, rerun)).map(({ number, is, why }) => [WORDS[is], `cell ${number}`, why])
  return `${path}: ${head}\n${rows.length === 0 ? "" : `${table(rows, "  ")}\n`}`
}

const WORDS: Readonly<Record<Reproduction, string>> = {
  same: "same",
  same_but_volatile: "same",
  unknown: "unknown",
  missing: "missing",
  differs: "differs",
  varies: "varies",
}

/** What is as it was is counted; of a cell that failed, and of those behind it that were not run, it is told already. */
function isTold({ is, number }: ReproducedCell, rerun: Rerun): boolean {
  const stop = stopOf(rerun)
  return is !== "same" && is !== "same_but_volatile" && is !== "unknown" && (stop === undefined || number < stop)
}

function outputWords({ cells, counts }: Reproduced): string {
  if (cells.length === 0) return "nothing is shown"
  if (counts.unknown === cells.length) return "no output is stored to compare with"
  const parts = [
    part(counts.same + counts.same_but_volatile, "as stored"),
    part(counts.differs, counts.differs === 1 ? "differs" : "differ"),
    part(counts.varies, counts.varies === 1 ? "varies from run to run" : "vary from run to run"),
    part(counts.missing, "missing"),
    part(counts.unknown, "not compared"),
  ].filter((text) => text !== "")
  return `of the outputs of ${cells.length} ${cells.length === 1 ? "cell" : "cells"}: ${parts.join(", ")}`
}

function part(count: number, words: string): string {
  return count === 0 ? "" : `${count} ${words}`
}

/** The cell at which it stopped, from 1. */
function stopOf({ run, exit }: Rerun): number | undefined {
  const at = run.order.plan[run.current]
  return exit === 0 || at === undefined ? undefined : at + 1
}

function failureOf(rerun: Rerun): string | undefined {
  const { run, exit } = rerun
  if (exit === 0) return undefined
  const stop = stopOf(rerun)
  const error = stop === undefined ? undefined : run.cells[stop - 1]?.error
  const said = error ? `${error.ename}: ${error.evalue.split("\n")[0]}` : run.explanation.split("\n")[0] || run.status
  return stop === undefined ? said : `fails at cell ${stop}: ${said}`
}

export function rerunJson(rerun: Rerun): Json {
  const { run, outputs, times } = rerun
  return {
    proven: isProven(rerun),
    status: run.status,
    reason: run.reason,
    stopsAt: stopOf(rerun) ?? null,
    said: failureOf(rerun) ?? "",
    startedAt: toIso(run.beganAt),
    durationMs: Math.round(run.endedAt - run.beganAt),
    times,
    counts: outputs ? { ...outputs.counts } : {},
    outputs: (outputs?.cells ?? []).map(({ cell, number, is, why }) => ({ cell, number, is, why })),
  }
}
