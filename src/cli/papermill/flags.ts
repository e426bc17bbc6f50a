/**
 * Papermill's command line (2.6 and 2.7) as a table, and what it means: every flag, its merge order of parameters, its
 * rules for pipes, its wording and exit code for misuse.
 */
import { accepted, type Outcome } from "#base/outcome.ts"
import {
  type Command,
  checkPositionals,
  type Flag,
  HELP,
  isOn,
  lastValueOf,
  type Parsed,
  parseArguments,
  type UsageError,
  usage,
  valuesOf,
} from "#cli/arguments.ts"
import type { ParameterSources } from "#cli/papermill/parameters.ts"
import { readInt } from "#cli/papermill/python-values.ts"

/** What papermill was asked to do. Paths are as they were typed: path-template.ts fills them in. */
export type PapermillCommand =
  | { readonly do: "help" }
  | { readonly do: "version" }
  /** Print the notebook's parameters. Exit code 0, or 1 when it declares none. */
  | { readonly do: "help notebook"; readonly input: string; readonly sources: ParameterSources }
  | PapermillRun

export type PapermillRun = {
  readonly do: "run"
  /** "-" is standard input. */
  readonly input: string
  /** "-" is standard output, written once at the end. */
  readonly output: string
  readonly sources: ParameterSources
  /** Names that win over the notebook's own. */
  readonly kernel?: string
  readonly language?: string
  /** The kernel's working directory; `input` and `output` stay relative to the command's own. */
  readonly cwd?: string
  readonly engine?: string
  /** Whether the output is brought up to date while the run goes on. */
  readonly savePerCell: boolean
  /** 0: never between cells' ends. */
  readonly autosaveSeconds: number
  /** Inject and write, without a kernel. */
  readonly prepareOnly: boolean
  readonly progressBar: boolean
  readonly logOutput: boolean
  readonly stdoutFile?: string
  readonly stderrFile?: string
  readonly logLevel: LogLevel
  readonly startTimeoutSeconds: number
  /** Per cell; without it a cell may take for ever. */
  readonly executionTimeoutSeconds?: number
  /** Hide the code of every cell. */
  readonly reportMode: boolean
}

const LOG_LEVELS = ["NOTSET", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** What surrounds the command. */
export type Surroundings = {
  /** Standard input is a pipe: a FIFO, not a file or the null device. */
  readonly stdinIsPipe: boolean
  readonly stdoutIsTerminal: boolean
}

const PARAMETERS = "Parameters"
const EXECUTION = "Execution"
const OUTPUT = "Output"

const FLAGS: readonly Flag[] = [
  { name: "--help-notebook", takes: [], help: "Print the parameters that the notebook declares, and stop.", group: PARAMETERS },
  {
    name: "--parameters",
    short: "-p",
    takes: ["NAME", "VALUE"],
    repeat: true,
    help: "A parameter; True, False, None and numbers are taken as such.",
    group: PARAMETERS,
  },
  { name: "--parameters_raw", short: "-r", takes: ["NAME", "VALUE"], repeat: true, help: "A parameter whose value stays text.", group: PARAMETERS },
  { name: "--parameters_file", short: "-f", takes: ["PATH"], repeat: true, help: "Parameters from a YAML or JSON file.", group: PARAMETERS },
  { name: "--parameters_yaml", short: "-y", takes: ["YAML"], repeat: true, help: "Parameters as YAML.", group: PARAMETERS },
  { name: "--parameters_base64", short: "-b", takes: ["BASE64"], repeat: true, help: "Parameters as YAML in base 64.", group: PARAMETERS },
  { name: "--inject-input-path", takes: [], help: "Add the parameter PAPERMILL_INPUT_PATH.", group: PARAMETERS },
  { name: "--inject-output-path", takes: [], help: "Add the parameter PAPERMILL_OUTPUT_PATH.", group: PARAMETERS },
  { name: "--inject-paths", takes: [], help: "Add both.", group: PARAMETERS },
  {
    name: "--prepare-only",
    opposite: "--prepare-execute",
    takes: [],
    help: "Inject the parameters and write the notebook without executing it.",
    group: EXECUTION,
  },
  {
    name: "--kernel",
    short: "-k",
    takes: ["NAME"],
    candidates: "stet kernels --names",
    help: "The kernel, instead of the notebook's own.",
    group: EXECUTION,
  },
  { name: "--language", short: "-l", takes: ["NAME"], help: "The language, instead of the notebook's own.", group: EXECUTION },
  { name: "--cwd", takes: ["DIRECTORY"], help: "The working directory of the kernel.", group: EXECUTION },
  { name: "--engine", takes: ["NAME"], help: "The engine; Stet's own answers to papermill's default name.", group: EXECUTION },
  {
    name: "--start-timeout",
    aliases: ["--start_timeout"],
    takes: ["SECONDS"],
    help: "How long the kernel may take to start; default 60.",
    group: EXECUTION,
  },
  { name: "--execution-timeout", takes: ["SECONDS"], help: "How long each cell may take; default for ever.", group: EXECUTION },
  {
    name: "--request-save-on-cell-execute",
    opposite: "--no-request-save-on-cell-execute",
    takes: [],
    help: "Keep the output up to date while the notebook is executed (default).",
    group: OUTPUT,
  },
  { name: "--autosave-cell-every", takes: ["SECONDS"], help: "And this often during a long cell; default 30, 0 for not at all.", group: OUTPUT },
  { name: "--progress-bar", opposite: "--no-progress-bar", takes: [], help: "Show the progress.", group: OUTPUT },
  { name: "--log-output", opposite: "--no-log-output", takes: [], help: "Write what the cells print to the log.", group: OUTPUT },
  { name: "--stdout-file", takes: ["PATH"], help: "A file for what the cells print.", group: OUTPUT },
  { name: "--stderr-file", takes: ["PATH"], help: "A file for what the cells print as errors.", group: OUTPUT },
  { name: "--log-level", takes: ["LEVEL"], choices: LOG_LEVELS, help: "How much to log; default INFO.", group: OUTPUT },
  { name: "--report-mode", opposite: "--no-report-mode", takes: [], help: "Hide the code.", group: OUTPUT },
  { name: "--version", takes: [], help: "Print the version." },
  HELP,
]

export const PAPERMILL: Command = {
  name: "stet papermill",
  summary: "Execute a notebook the way papermill's command line does",
  description: [
    "Executes a notebook with parameters. Takes papermill's arguments, merges parameters in its order and ends with its exit codes: 0 succeeded, 1 failed, 2 wrong usage, 138 the kernel died.",
    "Either path may be - or left out where a pipe stands in for it; {name} in a path is replaced by that parameter's value.",
    "Parameters of the same name: -b, then -f, then -y, then -p, then -r; the later word counts.",
  ],
  positionals: [
    { name: "NOTEBOOK_PATH", help: "The notebook to execute." },
    { name: "OUTPUT_PATH", optional: true, help: "Where the result goes." },
  ],
  flags: FLAGS,
  examples: [{ line: "stet papermill in.ipynb out.ipynb -p alpha 0.6 -r id 007", means: "A number and a text." }],
}

/** Papermill's own exit code for misuse is 2. */
export function parsePapermill(argv: readonly string[], around: Surroundings): Outcome<PapermillCommand, UsageError> {
  const read = parseArguments(FLAGS, argv)
  if (!read.ok) return read
  const parsed = read.value
  const asked = parsed.given.find(({ flag }) => flag.name === "--help" || flag.name === "--version")
  if (asked) return accepted({ do: asked.flag.name === "--help" ? "help" : "version" })
  const paths = pathsOf(parsed, around)
  if (!paths.ok) return paths
  const { input, output, notebook } = paths.value
  const sources = sourcesOf(parsed, { input, output })
  if (isOn(parsed, "--help-notebook")) return accepted({ do: "help notebook", input: notebook, sources })
  const numbers = secondsOf(parsed)
  if (!numbers.ok) return numbers
  return accepted({ do: "run", input, output, sources, ...numbers.value, ...switchesOf(parsed, output), ...namesOf(parsed) })
}

type Paths = {
  readonly input: string
  readonly output: string
  /** The first path as it was typed: what --help-notebook reads. */
  readonly notebook: string
}

function pathsOf(parsed: Parsed, { stdinIsPipe, stdoutIsTerminal }: Surroundings): Outcome<Paths, UsageError> {
  const expected = PAPERMILL.positionals.map((positional) => (stdinIsPipe ? { ...positional, optional: true } : positional))
  const checked = checkPositionals(expected, parsed)
  if (!checked.ok) return checked
  const [first = "", second = ""] = checked.value
  const notebook = first || "-"
  if (!isOn(parsed, "--help-notebook") && !stdinIsPipe && stdoutIsTerminal && second === "") return usage("Missing argument 'OUTPUT_PATH'.")
  // With a pipe coming in, a single path is where the result goes.
  if (stdinIsPipe && first !== "" && second === "") return accepted({ input: "-", output: first, notebook })
  return accepted({ input: notebook, output: second || "-", notebook })
}

function sourcesOf(parsed: Parsed, { input, output }: Pick<Paths, "input" | "output">): ParameterSources {
  const both = isOn(parsed, "--inject-paths") === true
  const singles = (name: Flag["name"]) => valuesOf(parsed, name).map(([value = ""]) => value)
  const pairs = (name: Flag["name"]) => valuesOf(parsed, name).map(([key = "", value = ""]) => [key, value] as const)
  return {
    paths: [
      ...(both || isOn(parsed, "--inject-input-path") ? [["PAPERMILL_INPUT_PATH", input] as const] : []),
      ...(both || isOn(parsed, "--inject-output-path") ? [["PAPERMILL_OUTPUT_PATH", output] as const] : []),
    ],
    base64: singles("--parameters_base64"),
    files: singles("--parameters_file"),
    yaml: singles("--parameters_yaml"),
    typed: pairs("--parameters"),
    raw: pairs("--parameters_raw"),
  }
}

function switchesOf(parsed: Parsed, output: string) {
  const toStdout = output === "-"
  const logOutput = isOn(parsed, "--log-output") ?? false
  const level = LOG_LEVELS.find((one) => one === lastValueOf(parsed, "--log-level")) ?? "INFO"
  return {
    savePerCell: !toStdout && (isOn(parsed, "--request-save-on-cell-execute") ?? true),
    prepareOnly: isOn(parsed, "--prepare-only") ?? false,
    progressBar: isOn(parsed, "--progress-bar") ?? (!toStdout && !logOutput),
    logOutput,
    // What goes to standard output is the notebook: the log must not chat beside it.
    logLevel: toStdout && level === "INFO" ? "ERROR" : level,
    reportMode: isOn(parsed, "--report-mode") ?? false,
  } as const
}

const NAMES = {
  kernel: "--kernel",
  language: "--language",
  cwd: "--cwd",
  engine: "--engine",
  stdoutFile: "--stdout-file",
  stderrFile: "--stderr-file",
} as const

function namesOf(parsed: Parsed): { readonly [Name in keyof typeof NAMES]?: string } {
  const given = Object.entries(NAMES).map(([name, flag]) => [name, lastValueOf(parsed, flag)] as const)
  return Object.fromEntries(given.filter(([, value]) => value))
}

type Seconds = Pick<PapermillRun, "autosaveSeconds" | "startTimeoutSeconds" | "executionTimeoutSeconds">

function secondsOf(parsed: Parsed): Outcome<Seconds, UsageError> {
  const found = new Map<string, number>()
  for (const flag of ["--autosave-cell-every", "--start-timeout", "--execution-timeout"] as const) {
    const text = lastValueOf(parsed, flag)
    if (text === undefined) continue
    const value = readInt(text)
    if (value === undefined) return usage(`Invalid value for '${flag}': '${text}' is not a valid integer.`)
    found.set(flag, Number(value))
  }
  const execution = found.get("--execution-timeout")
  return accepted({
    autosaveSeconds: found.get("--autosave-cell-every") ?? 30,
    startTimeoutSeconds: found.get("--start-timeout") ?? 60,
    ...(execution === undefined ? {} : { executionTimeoutSeconds: execution }),
  })
}
