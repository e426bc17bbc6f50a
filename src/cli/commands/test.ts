/** `stet test`: the test cases of notebooks, each on a fresh kernel. */

import { repeatedBy } from "#case/index.ts"
import type { Action } from "#cli/action.ts"
import { type Command, isOn, lastValueOf, type Parsed, valuesOf } from "#cli/arguments.ts"
import { complain, type Edge, EXIT } from "#cli/edge.ts"
import { limitsOf, type Numbers } from "#cli/limits.ts"
import { say } from "#cli/say.ts"
import { SERVER_FLAGS } from "#cli/server/flags.ts"
import { sourcesBeside } from "#cli/sources.ts"
import { type SuiteTried, tryAll } from "#cli/test/all.ts"
import { json, junit, tap } from "#cli/test/formats.ts"
import { tellCase, tellSummary } from "#cli/test/report.ts"
import { type Found, type Suite, suitesIn } from "#cli/test/suite.ts"
import type { Bench } from "#cli/test/try.ts"
import { refuseDirectory } from "#cli/working-directory.ts"
import { saysYes, YES } from "#cli/yes.ts"
import type { Performance, Storage } from "#run/index.ts"

const COMMAND: Command = {
  name: "stet test",
  summary: "Run the test cases of notebooks, each on a fresh kernel",
  description: [
    "Runs every test case of report.stet.yaml, which stands beside report.ipynb: its parameters, its mocks, and what must come of it. FOLDER stands for all of them below it.",
    "With --server, NOTEBOOK is space/path.ipynb or space/path.ipynb@VERSION: the test cases that it has on that server run there.",
    "Each case has a kernel of its own and works in a copy of its own of the notebook's folder, or of that which --cwd names, so that no case sees what another one left. Folders of more than 200 MB are not copied, and nothing with --in-place.",
    "Cells that change something outside of that folder (databases, the network, processes, files elsewhere), or of which nobody can tell, are listed first, and run only after a yes; a cell that a mock replaces is none of them.",
    "Tests that begin on their own there, for a new version or another environment, wait for such a yes as well; --waiting lists what for, and answers.",
    "Exit codes: 0 all passed, 1 a case failed, 2 a file is wrong or nobody said yes and nothing was run, 3 a kernel did not start, 4 cancelled.",
  ],
  positionals: [{ name: "NOTEBOOK", repeat: true, help: "Notebooks, their .stet.yaml files, or folders." }],
  flags: [
    { name: "--only", takes: ["NAME"], repeat: true, help: "Only cases whose name holds this.", group: "Selection" },
    { name: "--fail-fast", takes: [], help: "Begin no further case when one has failed.", group: "Selection" },
    {
      name: "--jobs",
      short: "-j",
      takes: ["N"],
      help: "How many run at once; default as many as there are processors, at most 4.",
      group: "Execution",
    },
    {
      name: "--kernel",
      short: "-k",
      takes: ["NAME"],
      candidates: "stet kernels --names",
      help: "Kernel to use instead of the one the notebook names.",
      group: "Execution",
    },
    { name: "--cwd", takes: ["DIRECTORY"], help: "The folder that each case gets a copy of; default the notebook's own.", group: "Execution" },
    { name: "--in-place", takes: [], help: "Work in that folder itself, and not in a copy.", group: "Execution" },
    { name: "--cell-timeout", takes: ["SECONDS"], help: "Interrupt a cell that takes longer.", group: "Execution" },
    { name: "--timeout", takes: ["SECONDS"], help: "Interrupt a case that takes longer in all.", group: "Execution" },
    { name: "--start-timeout", takes: ["SECONDS"], help: "How long a kernel may take to start; default 60.", group: "Execution" },
    { ...YES, group: "Execution" },
    { name: "--update-snapshots", takes: [], help: "Keep what is shown now as what snapshots are compared with.", group: "Execution" },
    { name: "--coverage", takes: [], help: "List every cell with the number of cases that ran it.", group: "Reporting" },
    { name: "--junit", takes: ["PATH"], help: "Write the results as JUnit XML there, too.", group: "Reporting" },
    { name: "--tap", takes: [], help: "The results as TAP on standard output.", group: "Reporting" },
    { name: "--json", takes: [], help: "The results as one JSON object on standard output.", group: "Reporting" },
    { name: "--waiting", takes: [], help: "Answer the test run that waits for a yes there, in place of beginning one.", group: "On a server" },
    { name: "--leave", takes: [], help: "With --waiting: leave it, so that it never runs.", group: "On a server" },
    ...SERVER_FLAGS,
  ],
  examples: [
    { line: "stet test report.ipynb", means: "all cases of report.stet.yaml" },
    { line: "stet test notebooks --junit tests.xml", means: "everything below a folder, for a CI server" },
    { line: "stet test --server https://stet.example finance/weekly.ipynb", means: "the newest version, on a server" },
    { line: "stet test report.ipynb --only 'small sample' --cell-timeout 60", means: "one case, a minute for each cell" },
  ],
}

export const TEST: Action = { command: COMMAND, act }

async function act(parsed: Parsed, edge: Edge): Promise<number> {
  const numbers = limitsOf(parsed)
  if (!numbers.ok) return say(edge, numbers.refusal)
  const misused = misuse(parsed)
  if (misused !== undefined) {
    complain(edge, misused, "See: stet test --help")
    return EXIT.bad
  }
  const storage = await edge.storage({ allowPrivateAddresses: false })
  if (isOn(parsed, "--server")) {
    const { testOnServer } = await import("#cli/test/server.ts")
    return testOnServer(parsed, edge, storage)
  }
  const elsewhere = refuseDirectory(edge, lastValueOf(parsed, "--cwd"))
  if (elsewhere) return say(edge, elsewhere)
  const workshop = await edge.workshop()
  const found = await suitesIn(parsed.positionals, { edge, storage, workshop })
  if (!found.ok) return say(edge, found.refusal)
  const chosen = narrowed(
    found.value,
    valuesOf(parsed, "--only").map(([name = ""]) => name),
  )
  if (chosen.suites.every(({ cases }) => cases.length === 0)) {
    complain(edge, "There is no test case to be run.", NOTHING_REMEDY)
    return EXIT.bad
  }
  const isForMachines = isOn(parsed, "--tap") === true || isOn(parsed, "--json") === true
  for (const { notebook, cases, path } of chosen.suites)
    if (!(await saysYes(path, await repeatedBy(notebook, cases, await sourcesBeside(path, notebook, edge)), { parsed, edge, isForMachines })))
      return EXIT.bad
  return going({ parsed, edge, storage, found: chosen, numbers: numbers.value })
}

const NOTHING_REMEDY = "Name a notebook with a .stet.yaml file beside it, or another --only."

function misuse(parsed: Parsed): string | undefined {
  const jobs = lastValueOf(parsed, "--jobs")
  if (jobs !== undefined && !/^[1-9]\d{0,2}$/u.test(jobs)) return `--jobs takes a number from 1 to 999; got "${jobs}".`
  if (isOn(parsed, "--waiting") && !isOn(parsed, "--server")) return "--waiting is for tests on a server: give --server."
  if (isOn(parsed, "--leave") && !isOn(parsed, "--waiting")) return "--leave is for a test run that waits: give --waiting, too."
  if (isOn(parsed, "--tap") && isOn(parsed, "--json")) return "--tap and --json both go to standard output: choose one."
  return undefined
}

function narrowed({ suites, untested }: Found, only: readonly string[]): Found {
  if (only.length === 0) return { suites, untested }
  const chosen = suites.map((suite): Suite => ({ ...suite, cases: suite.cases.filter(({ name }) => only.some((part) => name.includes(part))) }))
  return { suites: chosen.filter(({ cases }) => cases.length > 0), untested: [] }
}

type Going = { readonly parsed: Parsed; readonly edge: Edge; readonly storage: Storage; readonly found: Found; readonly numbers: Numbers }

const MOST_AT_ONCE = 4

async function going({ parsed, edge, storage, found, numbers }: Going): Promise<number> {
  const began = edge.clock.steady()
  const [kernels, records, workshop] = await Promise.all([edge.kernels(), edge.records(), edge.workshop()])
  const total = found.suites.reduce((sum, { cases }) => sum + cases.length, 0)
  const running = new Set<Performance>()
  const bench: Bench = {
    edge,
    storage,
    workshop,
    kernels,
    records,
    numbers,
    kernel: lastValueOf(parsed, "--kernel"),
    cwd: lastValueOf(parsed, "--cwd"),
    isInPlace: isOn(parsed, "--in-place") ?? false,
    updates: isOn(parsed, "--update-snapshots") ?? false,
    many: total > 1,
    imports: total > 1 ? heavyImports(found) : [],
    running,
  }
  let isCancelled = false
  const ignoreSignals = edge.onSignal((signal) => {
    isCancelled = true
    for (const performance of running) performance.cancel(signal)
  })
  const isForMachines = isOn(parsed, "--tap") === true || isOn(parsed, "--json") === true
  try {
    const tried = await tryAll(found.suites, {
      bench,
      jobs: Number(lastValueOf(parsed, "--jobs") ?? Math.min(workshop.cores, MOST_AT_ONCE)),
      failFast: isOn(parsed, "--fail-fast") ?? false,
      tell: (suite, one) => (isForMachines ? undefined : tellCase(edge.out, suite, one)),
      isCancelled: () => isCancelled,
    })
    const done = tried.reduce((sum, { cases }) => sum + cases.length, 0)
    const summing = { tried, untested: found.untested, skipped: total - done, durationMs: edge.clock.steady() - began }
    if (!isForMachines) tellSummary(edge.out, { ...summing, wholeCoverage: isOn(parsed, "--coverage") ?? false })
    if (isOn(parsed, "--tap")) edge.out.write(tap(tried))
    if (isOn(parsed, "--json")) edge.out.write(json(tried, found.untested))
    const file = lastValueOf(parsed, "--junit")
    if (file !== undefined) await storage.write(file, new TextEncoder().encode(junit(tried)))
    return isCancelled ? EXIT.cancelled : exitOf(tried)
  } finally {
    ignoreSignals()
    await kernels.close()
  }
}

/** Loading these takes most of a short test, so it is done once, in the process that kernels are forked from. (matplotlib asks its environment how to draw, so it is loaded in each.) */
const HEAVY = ["numpy", "pandas", "pyarrow"]

function heavyImports({ suites }: Found): readonly string[] {
  const sources = suites.flatMap(({ notebook }) => notebook.cells.map(({ source }) => source)).join("\n")
  return HEAVY.filter((name) => new RegExp(`^\\s*(?:import|from) ${name}\\b`, "mu").test(sources))
}

function exitOf(tried: readonly SuiteTried[]): number {
  const verdicts = new Set(tried.flatMap(({ cases }) => cases.map(({ verdict }) => verdict)))
  if (verdicts.has("broken")) return EXIT.infrastructure
  return verdicts.has("failed") ? EXIT.failed : EXIT.succeeded
}
