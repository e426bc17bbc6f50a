/** `stet check`: whether notebooks would run again, told from their source alone or by running them. */
import { type Json, type JsonObject, write as writeJson } from "#base/json.ts"
import type { Action } from "#cli/action.ts"
import { type Command, isOn, lastValueOf, type Parsed } from "#cli/arguments.ts"
import { eachNotebook } from "#cli/each-notebook.ts"
import { complain, type Edge, EXIT } from "#cli/edge.ts"
import { kernelNameFor, readNotebook } from "#cli/prepare.ts"
import { say } from "#cli/say.ts"
import { sourcesFor } from "#cli/sources.ts"
import { table } from "#cli/table.ts"
import { saysYes, YES } from "#cli/yes.ts"
import {
  type Analyst,
  analystFor,
  type Circumstances,
  type Finding,
  fixed,
  languageFor,
  languageOf,
  type Notebook,
  type Readiness,
  RULES,
  toldWriting,
  write,
  writingCells,
} from "#notebook/index.ts"
import { locate, type Storage } from "#run/index.ts"

const COMMAND: Command = {
  name: "stet check",
  summary: "Find what stands in the way of running notebooks again, or prove that they do",
  description: [
    "Reads each NOTEBOOK and tells what breaks a rerun from a fresh kernel (names that no cell defines or that are defined further down, Python 2, modules and files that are not there, …) and gives advice (order of execution, secrets, absolute paths, chance without a seed, …), with cell, line and rule. Cells count all cells of the notebook, from 1. Python first, R partly; in other languages only what does not depend on names.",
    "What is installed, and what the modules that the notebook imports have, is asked of the interpreter of its kernel, which imports them; files are looked for beside the notebook.",
    "With --rerun each notebook is also run from a fresh kernel, beside its file, which stays as it is: whether every cell runs, and whether it shows again what the file holds (docs/comparing.md). --twice runs it once more and so tells what has changed from what comes out otherwise each time. Cells that change something outside are listed first, and run only after a yes.",
    "With --fix the fixes that are safe are made: those after which less breaks and nothing new does. They go to --output, or with --in-place into the notebook itself.",
    "Exit codes: 0 nothing breaks a rerun, 1 something does (with --fix: still does), 2 not a notebook, 3 not readable. With --rerun what happens decides: 0 it reran and showed what is stored, 1 it failed or showed something else, 2 it writes and nobody said yes, 3 the kernel or the storage failed, 4 cancelled.",
  ],
  positionals: [{ name: "NOTEBOOK", repeat: true, help: "Paths, -, http(s):// or s3:// addresses." }],
  flags: [
    { name: "--json", takes: [], help: "One JSON object a notebook." },
    { name: "--no-advice", takes: [], help: "Only what breaks a rerun." },
    {
      name: "--kernel",
      short: "-k",
      takes: ["NAME"],
      candidates: "stet kernels --names",
      help: "The kernel it is to run on; default the notebook's own.",
    },
    { name: "--no-environment", takes: [], help: "Do not ask the kernel's interpreter what it can import." },
    { name: "--no-network", takes: [], help: "It is to run without a network: nothing is installed or fetched while it runs." },
    { name: "--rerun", takes: [], help: "Run it from a fresh kernel and compare its outputs with those stored.", group: "Proving" },
    { name: "--twice", takes: [], help: "Run it twice, to tell chance from change.", group: "Proving" },
    { ...YES, group: "Proving" },
    { name: "--param", short: "-p", takes: ["NAME", "VALUE"], repeat: true, help: "A parameter to rerun with.", group: "Proving" },
    { name: "--cell-timeout", takes: ["SECONDS"], help: "Interrupt a cell that takes longer.", group: "Proving" },
    { name: "--timeout", takes: ["SECONDS"], help: "Interrupt the rerun when it takes longer in all.", group: "Proving" },
    { name: "--fix", takes: [], help: "Make the fixes that are safe.", group: "Fixing" },
    { name: "--output", short: "-o", takes: ["PATH"], help: "Where the fixed notebook goes; - is standard output.", group: "Fixing" },
    { name: "--in-place", takes: [], help: "Replace the notebook by the fixed one.", group: "Fixing" },
    { name: "--force", takes: [], help: "Replace a file that is at PATH already.", group: "Fixing" },
    { name: "--rules", takes: [], help: "List the rules instead." },
  ],
  examples: [
    { line: "stet check report.ipynb", means: "what would go wrong" },
    { line: "stet check --no-advice notebooks/*.ipynb", means: "exit code 1 when one of them would not run again" },
    { line: "stet check --rerun --twice report.ipynb", means: "whether it reruns, and what comes out otherwise" },
    { line: "stet check --fix -o mended.ipynb report.ipynb", means: "what can be mended without asking is mended" },
  ],
}

export const CHECK: Action = { command: { ...COMMAND, positionals: COMMAND.positionals.map((one) => ({ ...one, optional: true })) }, act }

type Checking = { readonly parsed: Parsed; readonly edge: Edge; readonly storage: Storage }

async function act(parsed: Parsed, edge: Edge): Promise<number> {
  if (isOn(parsed, "--rules")) {
    edge.out.write(`${table(Object.entries(RULES))}\n`)
    return EXIT.succeeded
  }
  const refusal = misuse(parsed)
  if (refusal !== undefined) {
    complain(edge, refusal, "See: stet check --help")
    return EXIT.bad
  }
  const storage = await edge.storage({ allowPrivateAddresses: false })
  return eachNotebook(edge, parsed.positionals, (path) => check(path, { parsed, edge, storage }))
}

function misuse(parsed: Parsed): string | undefined {
  const [output, inPlace] = [lastValueOf(parsed, "--output") !== undefined, isOn(parsed, "--in-place") ?? false]
  if (parsed.positionals.length === 0) return "Missing argument 'NOTEBOOK'."
  const proving = ["--twice", "--yes"].find((name) => isOn(parsed, name as "--twice"))
  if (!isOn(parsed, "--rerun") && proving !== undefined) return `${proving} goes with --rerun.`
  if (isOn(parsed, "--rerun") && isOn(parsed, "--fix")) return "--rerun and --fix are two steps: fix first, then rerun what came of it."
  if (!isOn(parsed, "--fix")) return output || inPlace ? "--output and --in-place go with --fix." : undefined
  if (output === inPlace) return "--fix takes one of --output PATH and --in-place."
  return output && parsed.positionals.length > 1 ? "--output takes one notebook; use --in-place for several." : undefined
}

/** Gives the exit code for this one. @throws Fault storage_unreadable, storage_unwritable */
async function check(path: string, checking: Checking): Promise<number> {
  const { parsed, edge, storage } = checking
  const notebook = await readNotebook(storage, path)
  if (!notebook.ok) return say(edge, notebook.refusal)
  const analyst = await analystFor(notebook.value)
  const circumstances = await circumstancesOf(path, notebook.value, { checking, analyst })
  if (isOn(parsed, "--rerun")) return prove(path, notebook.value, { readiness: analyst.readiness(notebook.value, circumstances), checking })
  if (!isOn(parsed, "--fix")) return report(path, notebook.value, { readiness: analyst.readiness(notebook.value, circumstances), checking })
  const mended = mend(notebook.value, circumstances, analyst)
  const kept = await keep(path, mended.notebook, checking)
  if (kept !== EXIT.succeeded) return kept
  for (const title of mended.done) edge.err.write(`${path}: ${title}\n`)
  // Where the notebook itself goes to standard output, nothing else does.
  const isOut = lastValueOf(parsed, "--output") === "-"
  return report(path, mended.notebook, { readiness: analyst.readiness(mended.notebook, circumstances), checking: isOut ? quiet(checking) : checking })
}

function quiet(checking: Checking): Checking {
  return { ...checking, edge: { ...checking.edge, out: checking.edge.err } }
}

type Surroundings = { readonly checking: Checking; readonly analyst: Analyst }

async function circumstancesOf(path: string, notebook: Notebook, { checking: { parsed, edge }, analyst }: Surroundings): Promise<Circumstances> {
  const asks = isOn(parsed, "--no-environment") !== true
  const kernel = kernelNameFor(notebook, lastValueOf(parsed, "--kernel"))
  const importable = asks ? await edge.importable(kernel) : undefined
  if (asks && importable === undefined && languageFor(kernel, languageOf(notebook)) === "python") {
    edge.err.write(`stet: ${path}: the kernel ${kernel} is not here, so what it can import was not looked at; name another with --kernel.\n`)
  }
  const location = locate(path)
  const beside = location.kind === "file" ? (name: string) => edge.isBeside(location.path, name) : undefined
  const known: Circumstances = {
    sources: sourcesFor(path, notebook, { edge, analyst }),
    ...(importable ? { modules: importable.modules } : {}),
    ...(importable && importable.version !== "" ? { pythonVersion: importable.version } : {}),
    ...(beside ? { hasFile: beside } : {}),
    ...(isOn(parsed, "--no-network") ? { hasNetwork: false } : {}),
  }
  const questions = importable ? analyst.questions(notebook, known) : []
  return questions.length === 0 ? known : { ...known, hasMember: await edge.members(kernel, questions) }
}

const MOST_FIXES = 100

/** One fix after the other, each judged by how the notebook is after the one before. */
function mend(given: Notebook, circumstances: Circumstances, analyst: Analyst): { readonly notebook: Notebook; readonly done: readonly string[] } {
  const done: string[] = []
  let notebook = given
  while (done.length < MOST_FIXES) {
    const next = analyst.readiness(notebook, circumstances).findings.find(({ fix, dismissed }) => fix?.isSafe && dismissed === undefined)
    if (!next?.fix) break
    notebook = fixed(notebook, next.fix.edits)
    done.push(next.fix.title)
  }
  return { notebook, done }
}

async function keep(path: string, notebook: Notebook, { parsed, edge, storage }: Checking): Promise<number> {
  const output = lastValueOf(parsed, "--output") ?? path
  if (output !== path && output !== "-" && !isOn(parsed, "--force") && (await storage.exists(output))) {
    complain(edge, `${output} exists, so it is not replaced.`, "Choose another --output, or use --force.")
    return EXIT.bad
  }
  await storage.write(output, new TextEncoder().encode(write(notebook)))
  return EXIT.succeeded
}

type Reporting = { readonly readiness: Readiness; readonly checking: Checking; readonly rerun?: Json }

/** What happens decides, not what was foretold. @throws Fault as `rerun` */
async function prove(path: string, notebook: Notebook, { readiness, checking }: Reporting): Promise<number> {
  const { parsed, edge, storage } = checking
  const isJson = isOn(parsed, "--json") === true
  if (!isJson) report(path, notebook, { readiness, checking })
  const cells = writingCells(notebook, readiness.effects).map(toldWriting)
  if (!(await saysYes(path, cells, { parsed, edge, isForMachines: isJson }))) return EXIT.bad
  const { rerun } = await import("#cli/rerun.ts")
  const { isProven, rerunJson, rerunText } = await import("#cli/rerun-report.ts")
  const done = await rerun({ path, notebook, times: isOn(parsed, "--twice") ? 2 : 1, parsed, edge, storage })
  if (!done.ok) return say(edge, done.refusal)
  if (isJson) report(path, notebook, { readiness, checking, rerun: rerunJson(done.value) })
  else edge.out.write(rerunText(path, done.value))
  return done.value.exit !== 0 || isProven(done.value) ? done.value.exit : EXIT.failed
}

function report(path: string, notebook: Notebook, { readiness, checking: { parsed, edge }, rerun }: Reporting): number {
  const shown = isOn(parsed, "--no-advice") ? readiness.findings.filter(({ kind }) => kind === "breaks") : readiness.findings
  const breaks = shown.filter(isBreak).length
  const numbers = new Map(notebook.cells.map(({ id }, at) => [id, at + 1]))
  const told = { ...readiness, findings: shown }
  if (isOn(parsed, "--json")) edge.out.write(`${writeJson({ ...asJson(path, told, numbers), ...(rerun === undefined ? {} : { rerun }) })}\n`)
  else edge.out.write(asText(path, told, numbers))
  return breaks > 0 ? EXIT.failed : EXIT.succeeded
}

function asText(path: string, { findings, isRead }: Readiness, numbers: ReadonlyMap<string, number>): string {
  const breaks = findings.filter(isBreak).length
  const dismissed = findings.filter((finding) => finding.dismissed !== undefined).length
  const advice = findings.length - breaks - dismissed
  const parts = [
    breaks > 0 ? `${breaks} ${breaks === 1 ? "thing breaks" : "things break"} a rerun` : "nothing breaks a rerun",
    ...(advice > 0 ? [`${advice} to consider`] : []),
    ...(dismissed > 0 ? [`${dismissed} dismissed`] : []),
  ]
  const note = isRead ? "" : " (names are not looked at in this language)"
  const rows = findings.map((finding) => {
    const [word, note] = finding.dismissed === undefined ? [finding.kind, fixNote(finding)] : ["dismissed", ` (${finding.dismissed})`]
    return [word, placeOf(finding, numbers), finding.rule, `${finding.why}${note}`]
  })
  return `${path}: ${parts.join(", ")}${note}\n${rows.length === 0 ? "" : `${table(rows, "  ")}\n`}`
}

/** What somebody let stand is told, and held against nothing. */
function isBreak({ kind, dismissed }: Finding): boolean {
  return kind === "breaks" && dismissed === undefined
}

function placeOf({ cell, line }: Finding, numbers: ReadonlyMap<string, number>): string {
  const number = numbers.get(cell)
  return number === undefined ? "" : `cell ${number}, line ${line}`
}

function fixNote({ fix }: Finding): string {
  return fix ? ` → ${fix.title}${fix.isSafe ? "" : " (to be decided)"}` : ""
}

function asJson(path: string, { findings, effects, linearity, isRead }: Readiness, numbers: ReadonlyMap<string, number>): JsonObject {
  const breaks = findings.filter(isBreak).length
  const listed = findings.map((finding) => ({ ...finding, number: numbers.get(finding.cell) ?? null, span: finding.span ?? null }))
  return { notebook: path, ready: breaks === 0, breaks, findings: listed, effects, linearity, namesRead: isRead } as unknown as JsonObject
}
