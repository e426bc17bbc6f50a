/**
 * `node bench/readiness.ts FOLDER… [--json] [--cache FILE] [--plant 3] [--twice] [--cell-seconds 30] [--run-seconds 120] [--only TEXT] [--show]`
 * `node bench/readiness.ts FOLDER… --advice [--json] [--show]`
 *
 * How far the static rules that foretell a broken rerun agree with what happens: every Python notebook in the folders is rerun on a
 * fresh kernel by Stet's engine, and each finding is held against it. `--plant` also takes the notebooks that rerun clean, and reruns
 * them with a cell deleted or moved. `--twice` asks of the dynamic verdict whether it can be believed: every notebook is run twice more, the
 * ends and outputs are held against one another, and changes that are planted into the outputs must be found. Verdicts are kept in the cache, so that rules can be judged again at once. STET_TEST_PYTHON is
 * asked which modules there are; JUPYTER_PATH must show it as the kernel python3. Exit code 1 when a notebook that reruns clean was said
 * to break.
 *
 * `--advice` runs nothing: it holds the rules that give advice against the labels of readiness/advice-labels.csv, and against what is
 * planted of three of them.
 */
import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { membersOf } from "#environment/adapters/members.ts"
import { analystFor, kernelNameOf, languageFor, languageOf, type Notebook, read } from "#notebook/index.ts"
import { adviceOf, adviceText, type Looked, type PlantedVerdict, readLabels } from "./readiness/advice.ts"
import { judge, type Verdict } from "./readiness/judge.ts"
import { planted } from "./readiness/plant.ts"
import { plantedAdvice } from "./readiness/plant-advice.ts"
import { type Repeat, repeatOf, repeatSummaryOf, repeatText } from "./readiness/repeat.ts"
import { type Case, summaryOf, toText } from "./readiness/summary.ts"
import { circumstancesOf, type Interpreter, interpreterOf } from "./readiness/surroundings.ts"
import { openTruths, type Truths } from "./readiness/truth.ts"

const { values: options, positionals: folders } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    show: { type: "boolean", default: false },
    cache: { type: "string", default: fileURLToPath(new URL("../node_modules/.cache/stet-readiness/truth.jsonl", import.meta.url)) },
    plant: { type: "string", default: "0" },
    twice: { type: "boolean", default: false },
    advice: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    "cell-seconds": { type: "string", default: "30" },
    "run-seconds": { type: "string", default: "120" },
  },
})

process.exitCode = await main()

async function main(): Promise<number> {
  if (options.advice && folders.length > 0) return advise(folders.flatMap(notebooksIn))
  const python = process.env["STET_TEST_PYTHON"]
  if (folders.length === 0 || !python) {
    process.stderr.write(
      folders.length === 0 ? "Name a folder of notebooks.\n" : "STET_TEST_PYTHON is not set: it names the Python of the kernel python3.\n",
    )
    return 2
  }
  const interpreter = interpreterOf(python)
  const patience = { cellMs: Number(options["cell-seconds"]) * 1000, runMs: Number(options["run-seconds"]) * 1000 }
  const truths = await openTruths(options.cache, patience)
  try {
    const found = folders.flatMap(notebooksIn)
    const cases: Case[] = []
    for (const one of found) {
      const original = await caseOf(truths, one, interpreter)
      cases.push(original)
      const isClean = original.status === "ran" && original.verdict.stop === undefined
      const broken = isClean ? planted(one.notebook, Number(options.plant)) : []
      for (const { notebook, what } of broken) cases.push(await caseOf(truths, { ...one, notebook, name: `${one.name} [${what}]` }, interpreter))
    }
    const repeats = options.twice ? await repeatsOf(truths, found) : []
    const summary = { ...summaryOf(cases), ...(options.twice ? { twice: repeatSummaryOf(repeats) } : {}) }
    // A false alarm on a notebook that reruns clean is what these rules must not give.
    const alarms = summary.asTheyAre.verdict.falseAlarms + summary.planted.verdict.falseAlarms
    process.stdout.write(
      options.json ? `${JSON.stringify(summary, undefined, 1)}\n` : `${toText(summary)}${summary.twice ? repeatText(summary.twice) : ""}`,
    )
    return alarms === 0 ? 0 : 1
  } finally {
    await truths.close()
  }
}

async function advise(found: readonly Found[]): Promise<number> {
  const looked: Looked[] = []
  for (const { name, notebook } of found) looked.push({ name, notebook, findings: (await analystFor(notebook)).readiness(notebook).findings })
  const planted: PlantedVerdict[] = []
  for (const { name, notebook } of found)
    for (const { rule, holds, what, cell, notebook: with_ } of plantedAdvice(notebook)) {
      const { findings } = (await analystFor(with_)).readiness(with_)
      planted.push({ rule, holds, what: `${what} in ${name}`, isFound: findings.some((one) => one.rule === rule && one.cell === cell) })
    }
  const advice = adviceOf(readLabels(), looked, planted)
  process.stdout.write(options.json ? `${JSON.stringify(advice, undefined, 1)}\n` : adviceText(advice))
  if (options.show) process.stderr.write(advice.apart.map((line) => `${line}\n`).join(""))
  return 0
}

async function repeatsOf(truths: Truths, found: readonly Found[]): Promise<readonly Repeat[]> {
  const repeats: Repeat[] = []
  for (const { name, notebook, folder } of found) {
    const [first, second] = [await truths.ran(notebook, folder), await truths.ran(notebook, folder)]
    if (!first || !second) continue
    const repeat = repeatOf(name, first, second)
    repeats.push(repeat)
    if (!options.show) continue
    const missed = repeat.planted.filter(({ isFound }) => !isFound).map(({ kind }) => kind)
    process.stderr.write(
      `${name}: twice, ${repeat.isSameEnd ? "ended alike" : `ended by ${first.stop}, then ${second.stop}`}${missed.length > 0 ? `; not found: ${missed.join(", ")}` : ""}\n`,
    )
    for (const why of repeat.cells.apart) process.stderr.write(`   ${why}\n`)
  }
  return repeats
}

type Found = { readonly name: string; readonly folder: string; readonly notebook: Notebook }

function notebooksIn(folder: string): readonly Found[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ipynb") && name.includes(options.only))
  return names.toSorted().flatMap((name) => {
    const reading = read(readFileSync(join(folder, name)))
    if (!reading.ok) return []
    const { notebook } = reading.value
    const language = languageFor(kernelNameOf(notebook), languageOf(notebook))
    const isPython = language === "python" || (language === undefined && languageOf(notebook) === "")
    return isPython ? [{ name: relative(".", join(folder, name)), folder: dirname(join(folder, name)), notebook }] : []
  })
}

async function caseOf(truths: Truths, { name, folder, notebook }: Found, interpreter: Interpreter): Promise<Case> {
  const truth = await truths.of(notebook, folder)
  const analyst = await analystFor(notebook)
  const known = circumstancesOf(interpreter, { folder, hasNetwork: truths.hasNetwork })
  const hasMember = await membersOf(interpreter.python, process.env, analyst.questions(notebook, known))
  const began = performance.now()
  const { findings } = analyst.readiness(notebook, { ...known, hasMember })
  const ms = performance.now() - began
  const verdict = judge(notebook, findings, truth)
  if (options.show) show(`${name} (${ms.toFixed(0)} ms)`, notebook, verdict, truth.status)
  // A cell that was stopped says nothing of what it would have done.
  const status = truth.raised.some(({ state }) => state === "timed_out") ? "timed_out" : truth.status
  return { name, isPlanted: name.endsWith("]"), status, verdict, ms }
}

function show(name: string, notebook: Notebook, { judged, stop, isForetold }: Verdict, status: string): void {
  const number = (id: string) => notebook.cells.findIndex((cell) => cell.id === id) + 1
  const head = stop ? `stops at ${number(stop.cell)}: ${stop.ename}: ${stop.evalue.slice(0, 80)}${isForetold ? " (foretold)" : " (MISSED)"}` : status
  process.stderr.write(`${name}: ${head}\n`)
  for (const { finding, judgement } of judged) {
    process.stderr.write(
      `   ${judgement === "wrong" ? "WRONG" : judgement} ${finding.rule} cell ${number(finding.cell)} line ${finding.line}: ${finding.why}\n`,
    )
  }
}
