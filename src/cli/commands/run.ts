/** `stet run`: a notebook with parameters, its result beside it. */
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import type { Action } from "#cli/action.ts"
import { type Command, type Flag, isOn, lastValueOf, type Parsed } from "#cli/arguments.ts"
import { conductAndReport } from "#cli/conduct-and-report.ts"
import { complain, type Edge, EXIT } from "#cli/edge.ts"
import { givenParameters } from "#cli/given.ts"
import { startingKernel } from "#cli/kernel.ts"
import { limitsOf, type Numbers } from "#cli/limits.ts"
import { type Prepared, prepare, type Refusal, readNotebook } from "#cli/prepare.ts"
import { refuseToReplace, resultPathOf } from "#cli/result-path.ts"
import type { Storage } from "#run/index.ts"

/** Flags of every command that executes. */
export const EXECUTION_FLAGS: readonly Flag[] = [
  {
    name: "--kernel",
    short: "-k",
    takes: ["NAME"],
    candidates: "stet kernels --names",
    help: "Kernel to use instead of the one the notebook names.",
    group: "Execution",
  },
  { name: "--cwd", takes: ["DIRECTORY"], help: "Working directory of the kernel; default: this one.", group: "Execution" },
  { name: "--cell-timeout", takes: ["SECONDS"], help: "Interrupt a cell that takes longer.", group: "Execution" },
  { name: "--timeout", takes: ["SECONDS"], help: "Interrupt the run when it takes longer in all.", group: "Execution" },
  { name: "--start-timeout", takes: ["SECONDS"], help: "How long the kernel may take to start; default 60.", group: "Execution" },
  { name: "--allow-errors", takes: [], help: "Go on after a cell that raises.", group: "Execution" },
  { name: "--no-pipelining", takes: [], help: "Send each cell only after the one before has ended.", group: "Execution" },
  { name: "--keep-kernel", takes: ["SECONDS"], help: "Keep the kernel of a failed run alive so long, for `stet resume`.", group: "Execution" },
  {
    name: "--progress",
    takes: ["HOW"],
    choices: ["auto", "bar", "lines", "none"],
    help: "How progress is shown; auto is a bar on a terminal, lines elsewhere.",
    group: "Reporting",
  },
  { name: "--json", takes: [], help: "Events as JSON lines on standard output.", group: "Reporting" },
  { name: "--quiet", short: "-q", takes: [], help: "Say nothing unless something is wrong.", group: "Reporting" },
  { name: "--log-output", takes: [], help: "Copy what cells print to the terminal as it comes.", group: "Reporting" },
  { name: "--journal", takes: ["PATH"], help: "Leave the run's journal there.", group: "Reporting" },
]

export const COMMAND: Command = {
  name: "stet run",
  summary: "Execute a notebook and keep its result",
  description: [
    "Executes NOTEBOOK with the given parameters and writes the result, a read-only copy with all outputs, to OUTPUT; without OUTPUT beside it as <name>.result.ipynb. Both may be paths, s3:// addresses or - (standard input and output); NOTEBOOK also http(s)://.",
    "Exit codes: 0 succeeded, 1 a cell failed or timed out, 2 bad parameters or notebook, 3 infrastructure (kernel died, storage), 4 cancelled, 75 try again later.",
  ],
  positionals: [
    { name: "NOTEBOOK", help: "The notebook to run." },
    { name: "OUTPUT", optional: true, help: "Where the result goes." },
  ],
  flags: [
    { name: "--param", short: "-p", takes: ["NAME", "VALUE"], repeat: true, help: "A parameter, read by its declared type.", group: "Parameters" },
    {
      name: "--raw-param",
      short: "-r",
      takes: ["NAME", "VALUE"],
      repeat: true,
      help: "A parameter whose value is taken as text.",
      group: "Parameters",
    },
    {
      name: "--params-file",
      short: "-f",
      takes: ["PATH"],
      repeat: true,
      help: "Parameters from a YAML or JSON file; - is standard input. -p and -r override.",
      group: "Parameters",
    },
    { name: "--allow-unknown", takes: [], help: "Accept parameters that the notebook does not declare.", group: "Parameters" },
    { name: "--cells", takes: ["SELECTION"], help: "Only these: 3, 3-7, an id, tag:NAME, or several with commas.", group: "Selection" },
    { name: "--from", takes: ["CELL"], help: "Only from this cell on.", group: "Selection" },
    { name: "--until", takes: ["CELL"], help: "Only up to this cell.", group: "Selection" },
    ...EXECUTION_FLAGS,
    { name: "--force", takes: [], help: "Replace OUTPUT even if it is not a result.", group: "Reporting" },
    { name: "--allow-private-addresses", takes: [], help: "Let http(s) addresses lead into this machine or the local network.", group: "Reporting" },
  ],
  examples: [
    { line: "stet run report.ipynb -p region EU", means: "writes report.result.ipynb" },
    { line: "stet run report.ipynb out/eu.ipynb -f eu.yaml --cell-timeout 600", means: "parameters from a file, ten minutes for each cell" },
    { line: "cat report.ipynb | stet run - - | stet html - -o report.html", means: "in a pipe" },
  ],
}

export const RUN: Action = { command: COMMAND, act }

async function act(parsed: Parsed, edge: Edge): Promise<number> {
  const numbers = limitsOf(parsed)
  if (!numbers.ok) return say(edge, numbers.refusal)
  const storage = await edge.storage({ allowPrivateAddresses: isOn(parsed, "--allow-private-addresses") ?? false })
  const input = parsed.positionals[0]!
  const output = parsed.positionals[1] ?? resultPathOf(input)
  const prepared = await prepareFrom({ parsed, edge, storage, input, output, numbers: numbers.value })
  if (!prepared.ok) return say(edge, prepared.refusal)
  try {
    return await execute(prepared.value, { parsed, edge, storage, output, numbers: numbers.value })
  } finally {
    prepared.value.forget()
  }
}

export function say(edge: Edge, refusal: Refusal): number {
  const [first = "", ...more] = refusal.messages
  complain(edge, [first, ...more].join("\n      "), refusal.remedy)
  return EXIT.bad
}

type Asked = { readonly parsed: Parsed; readonly edge: Edge; readonly storage: Storage; readonly output: string; readonly numbers: Numbers }

async function prepareFrom(asked: Asked & { readonly input: string }): Promise<Outcome<Prepared, Refusal>> {
  const { parsed, edge, storage, input, output, numbers } = asked
  const given = await givenParameters(parsed, storage)
  if (!given.ok) return given
  const notebook = await readNotebook(storage, input)
  if (!notebook.ok) return notebook
  const taken = isOn(parsed, "--force") ? undefined : await refuseToReplace(storage, output)
  if (taken) return refused(taken)
  await storage.check(output)
  const selection = Object.fromEntries(
    ["cells", "from", "until"].flatMap((name) => (lastValueOf(parsed, `--${name}`) === undefined ? [] : [[name, lastValueOf(parsed, `--${name}`)!]])),
  )
  const prepared = await prepare(edge, notebook.value, {
    input,
    output,
    given: given.value,
    allowUnknown: isOn(parsed, "--allow-unknown") ?? false,
    kernel: lastValueOf(parsed, "--kernel"),
    selection,
    limits: numbers.limits,
    allowErrors: isOn(parsed, "--allow-errors") ?? false,
    pipelining: !isOn(parsed, "--no-pipelining"),
  })
  return prepared.ok ? accepted(prepared.value) : prepared
}

async function execute(prepared: Prepared, { parsed, edge, storage, output, numbers }: Asked): Promise<number> {
  const { order } = prepared
  const kernels = await edge.kernels()
  try {
    const starting = await startingKernel(kernels, order, { ...cwdOf(parsed), startTimeoutMs: numbers.startTimeoutMs })
    return await conductAndReport({ edge, parsed, storage, order, output, ...starting, redact: prepared.redact, keepKernelMs: numbers.keepKernelMs })
  } finally {
    await kernels.close()
  }
}

function cwdOf(parsed: Parsed): { readonly cwd?: string } {
  const cwd = lastValueOf(parsed, "--cwd")
  return cwd === undefined ? {} : { cwd }
}
