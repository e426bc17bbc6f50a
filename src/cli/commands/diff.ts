/** `stet diff`: what changed between two notebooks, cell by cell. */
import { equal, isObject, type Json, memberPath, own, write } from "#base/json.ts"
import type { Action } from "#cli/action.ts"
import { type Command, isOn, type Parsed } from "#cli/arguments.ts"
import { outputLines } from "#cli/diff-outputs.ts"
import { type Edge, EXIT } from "#cli/edge.ts"
import { tamed } from "#cli/foreign.ts"
import { readNotebook } from "#cli/prepare.ts"
import { say } from "#cli/say.ts"
import { type CellDiff, diff, type Hunk, type MemberChange, type NotebookDiff } from "#notebook/index.ts"

const COMMAND: Command = {
  name: "stet diff",
  summary: "Show what changed between two notebooks, cell by cell",
  description: [
    "Compares sources line by line, metadata by key, and outputs; cells are found again by id and by likeness, so that moving one is no rewrite. Exit code 0 when nothing changed, 1 when something did, 2 when one is no notebook, 3 when one cannot be read.",
  ],
  positionals: [
    { name: "BEFORE", help: "The earlier notebook." },
    { name: "AFTER", help: "The later one." },
  ],
  flags: [
    { name: "--json", takes: [], help: "The whole comparison as JSON." },
    { name: "--sources-only", takes: [], help: "Leave outputs and metadata out." },
    { name: "--run-records", takes: [], help: "Show also what runs write of themselves (states, times), which is left out otherwise." },
  ],
}

export const DIFF: Action = { command: COMMAND, act }

async function act(parsed: Parsed, edge: Edge): Promise<number> {
  const storage = await edge.storage({ allowPrivateAddresses: false })
  const [before, after] = await Promise.all([readNotebook(storage, parsed.positionals[0]!), readNotebook(storage, parsed.positionals[1]!)])
  if (!before.ok) return say(edge, before.refusal)
  if (!after.ok) return say(edge, after.refusal)
  const found = diff(before.value, after.value)
  const view: View = {
    sourcesOnly: isOn(parsed, "--sources-only") ?? false,
    runRecords: isOn(parsed, "--run-records") ?? false,
    paint: (text, code) => (edge.out.colours ? `\x1b[${code}m${tamed(text, false)}\x1b[0m` : tamed(text, false)),
  }
  const told = found.cells.map((cell) => ({ kind: cell.kind, text: cellText(cell, view) })).filter(({ text }) => text !== "")
  const shown = told.map(({ text }) => text)
  const changed = told.filter(({ kind }) => kind === "changed").length
  const members = changesShown(found.members, view)
    .flatMap(innermost)
    .map((change) => view.paint(`notebook ${memberLine(change)}`, "33"))
  if (isOn(parsed, "--json")) edge.out.write(`${write(asJson(found))}\n`)
  else if (shown.length + members.length > 0)
    edge.out.write(
      `${[...(members.length > 0 ? [members.join("\n")] : []), ...shown].join("\n\n")}\n\n${summaryLine({ ...found.summary, changed })}\n`,
    )
  return shown.length + members.length > 0 ? EXIT.failed : EXIT.succeeded
}

/** What a run writes of itself tells of that run, not of the notebook. */
const RUN_RECORD = /^metadata\.(stet|execution|papermill)(\.|\[|$)/

function changesShown(members: readonly MemberChange[], view: View): readonly MemberChange[] {
  if (view.sourcesOnly) return []
  return view.runRecords ? members : members.filter(({ path }) => !RUN_RECORD.test(path))
}

type View = { readonly sourcesOnly: boolean; readonly runRecords: boolean; readonly paint: (text: string, code: string) => string }

const COLOURS: { readonly [kind: string]: string } = { added: "32", removed: "31", changed: "33", moved: "36" }

function cellText(cell: CellDiff, view: View): string {
  const inner = [...cell.source.flatMap((hunk) => hunkLines(hunk, view)), ...besides(cell, view)]
  if (cell.kind === "same" || (cell.kind === "changed" && inner.length === 0 && !cell.moved)) return ""
  const place = cell.after ? `cell ${cell.after.index + 1}` : `cell ${cell.before!.index + 1} of the earlier one`
  const was = cell.moved && cell.before ? ` (was cell ${cell.before.index + 1})` : ""
  const whole = cell.kind === "added" || cell.kind === "removed" ? wholeCell(cell, view) : []
  return [
    view.paint(`${cell.kind} ${place}${was}${cell.type ? `, ${cell.type.before} → ${cell.type.after}` : ""}`, COLOURS[cell.kind]!),
    ...(whole.length > 0 ? whole : inner),
  ].join("\n")
}

function wholeCell(cell: CellDiff, view: View): string[] {
  const { source } = (cell.after ?? cell.before)!.cell
  const sign = cell.after ? "+" : "-"
  return source.split("\n").map((line) => view.paint(`  ${sign} ${line}`, sign === "+" ? "32" : "31"))
}

function hunkLines(hunk: Hunk, view: View): string[] {
  const line = (sign: string, text: string, code: string) => view.paint(`  ${sign} ${text.replace(/\r?\n$/, "")}`, code)
  return [
    `  @ line ${hunk.after.start + 1}`,
    ...hunk.before.lines.map((text) => line("-", text, "31")),
    ...hunk.after.lines.map((text) => line("+", text, "32")),
  ]
}

function besides(cell: CellDiff, view: View): string[] {
  const members = changesShown(cell.members, view)
    .flatMap(innermost)
    .map((change) => view.paint(`  ${memberLine(change)}`, "0"))
  if (view.sourcesOnly) return members
  const outputs = outputLines(cell).map(({ sign, text }) => view.paint(`  ${sign === " " ? "" : `${sign} `}${text}`, SIGN_COLOURS[sign]))
  return [...members, ...outputs]
}

const SIGN_COLOURS = { " ": "0", "-": "31", "+": "32" } as const

function memberLine({ path, before, after }: MemberChange): string {
  return `${path}: ${short(before)} → ${short(after)}`
}

/** Of an object that changed, the members that did: cut short, both sides would often look the same. */
function innermost({ path, before, after }: MemberChange): readonly MemberChange[] {
  if (before === undefined || after === undefined || !isObject(before) || !isObject(after)) return [{ path, before, after }]
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return keys
    .map((key) => ({ path: memberPath(path, key), before: own(before, key), after: own(after, key) }))
    .filter((one) => one.before === undefined || one.after === undefined || !equal(one.before, one.after))
    .flatMap(innermost)
}

function short(value: Json | undefined): string {
  if (value === undefined) return "(none)"
  const text = write(value)
  const LONGEST = 60
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text
}

function summaryLine(summary: NotebookDiff["summary"]): string {
  const parts = (["changed", "added", "removed", "moved"] as const).flatMap((kind) => (summary[kind] > 0 ? [`${summary[kind]} ${kind}`] : []))
  return `${parts.join(", ") || "no cell changed"}; ${summary.linesAdded} lines added, ${summary.linesRemoved} removed; outputs changed in ${summary.outputs}.`
}

/** Absent members are left out, so that the JSON says only what is there. */
function asJson(value: unknown): Json {
  if (Array.isArray(value)) return value.map(asJson)
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value as Json
  return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[key, asJson(item)]])))
}
