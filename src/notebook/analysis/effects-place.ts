/** Where the files go that cells write: a run has a directory of its own, and what lands there is written again harmlessly. */
import type { FoundEffect } from "#notebook/analysis/effect.ts"
import type { SubjectCell } from "#notebook/analysis/findings.ts"
import { textsHeldBy } from "#notebook/analysis/held.ts"

const BEYOND = /^(?:~|\/[\w.$-]|[A-Za-z]:[\\/]|\\\\|[a-z][a-z0-9+]+:\/\/|\.\.(?:[\\/]|$)|\$\{?(?:HOME|USERPROFILE)\b)|[\\/]\.\.[\\/]|^file:/
/** They give paths that no text shows. */
const GIVES_PATHS =
  /(?:^|\.)(?:home|expanduser|getenv|cwd|getcwd|resolve|absolute|chdir|Sys\.getenv|path\.expand|normalizePath|setwd|gettempdir|mkdtemp)$|^os\.environ/
/** What it goes to was opened elsewhere, and is told there. */
const INTO_OPENED = /(?:^|\.)(?:dump|safe_dump|commit)$|^(?:pdf|pp|pages)\.savefig$/

/** A path that leads out of the directory that it is used in, or an address. */
export function isBeyond(path: string): boolean {
  return BEYOND.test(path)
}

/** Whether a file is written, or may be, beyond the directory that the notebook runs in. */
export function reachesBeyond(
  cells: readonly SubjectCell[],
  { cell, kind, writes, what, from, to, isIntoOpened }: FoundEffect,
  isInFunction: boolean,
): boolean {
  if (kind !== "file" || !writes) return writes
  const own = cells.find(({ id }) => id === cell)
  if (!own || isIntoOpened || INTO_OPENED.test(what)) return false
  if (what.startsWith("%")) return own.cell.source.slice(from, to).split("\n")[0]?.split(/\s+/).some(isBeyond) ?? false
  const inside = own.names.texts.filter((text) => text.from >= from && text.to <= to)
  const call = own.names.calls.find((one) => one.from === from && one.to === to)
  const named = new Set(call?.args.flatMap(({ reads }) => (reads === "" ? [] : [reads])) ?? [])
  const held = cells.flatMap(({ names }) => names.texts.filter(({ holder }) => named.has(holder)))
  if ([...inside, ...held].some(({ value }) => isBeyond(value))) return true
  // The path is put together, or handed to a function: it stays here unless something in the notebook leads elsewhere.
  const isWritten = call?.args.some(({ literal, begins }) => typeof literal === "string" || (begins ?? "") !== "") ?? false
  const isHeld = !isInFunction && held.length > 0 && [...named].every((name) => textsHeldBy(cells, name) !== undefined)
  return !isWritten && !isHeld && cells.some(leadsElsewhere)
}

function leadsElsewhere({ names }: SubjectCell): boolean {
  return names.texts.some(({ value }) => isBeyond(value) && !/^https?:/.test(value)) || names.calls.some(({ callee }) => GIVES_PATHS.test(callee))
}
