/** `stet run`: a notebook with parameters, its result beside it. */
import { setImmediate } from "node:timers/promises"
import type { Action } from "#cli/action.ts"
import { type Command, isOn, type Parsed } from "#cli/arguments.ts"
import { beginKernel } from "#cli/early-kernel.ts"
import type { Edge } from "#cli/edge.ts"
import { EXECUTION_FLAGS } from "#cli/execution-flags.ts"
import { LAUNCH_FLAGS } from "#cli/launch-flags.ts"

const COMMAND: Command = {
  name: "stet run",
  summary: "Execute a notebook and keep its result",
  description: [
    "Executes NOTEBOOK with the given parameters and writes the result, a read-only copy with all outputs, to OUTPUT; without OUTPUT beside it as <name>.result.ipynb. Both may be paths, s3:// addresses or - (standard input and output); NOTEBOOK also http(s)://.",
    "With --server, which needs no URL for the server that runs here, NOTEBOOK is space/path.ipynb or space/path.ipynb@VERSION on that server: the run is kept there, and its result is also written to OUTPUT when one is given.",
    "Exit codes: 0 succeeded, 1 a cell failed or timed out, 2 bad parameters or notebook, 3 infrastructure (kernel died, storage), 4 cancelled, 75 try again later.",
  ],
  positionals: [
    { name: "NOTEBOOK", help: "The notebook to run." },
    { name: "OUTPUT", optional: true, help: "Where the result goes." },
  ],
  flags: [
    {
      name: "--param",
      short: "-p",
      takes: ["NAME", "VALUE"],
      repeat: true,
      help: "A parameter, read by its declared type; of one that is a file, its path.",
      group: "Parameters",
    },
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
    ...LAUNCH_FLAGS,
    { name: "--force", takes: [], help: "Replace OUTPUT even if it is not a result.", group: "Input and output" },
    {
      name: "--allow-private-addresses",
      takes: [],
      help: "Let http(s) addresses lead into this machine or the local network.",
      group: "Input and output",
    },
  ],
  examples: [
    { line: "stet run report.ipynb -p region EU", means: "writes report.result.ipynb" },
    { line: "stet run report.ipynb out/eu.ipynb -f eu.yaml --cell-timeout 600", means: "parameters from a file, ten minutes for each cell" },
    { line: "stet run --server https://stet.example finance/weekly.ipynb@647 -p region EU", means: "version 647, on a server, watched to its end" },
    { line: "stet run --server samples/sales-report.ipynb", means: "on the one that runs here" },
    { line: "stet run --template finance/weekly-revenue@prod -p region EU", means: "a template, by its name" },
    { line: "stet run --template finance/audit -p data ./customers.csv", means: "with a file, which is sent before" },
    { line: "cat report.ipynb | stet run - - | stet html - -o report.html", means: "in a pipe" },
  ],
}

export const RUN: Action = { command: COMMAND, act }

async function act(parsed: Parsed, edge: Edge): Promise<number> {
  const storage = await edge.storage({ allowPrivateAddresses: isOn(parsed, "--allow-private-addresses") ?? false })
  if (isOn(parsed, "--server") || isOn(parsed, "--template")) {
    const { runOnServer } = await import("#cli/server/launch.ts")
    return runOnServer(parsed, edge, storage)
  }
  const early = await beginKernel(parsed, edge, storage)
  // Everything else is loaded while the kernel starts: that is most of what a short run takes. Loading holds up all else, so the
  // kernel's process has its turn before.
  await setImmediate()
  const { runNotebook } = await import("#cli/run-notebook.ts")
  return runNotebook({ parsed, edge, storage, early })
}
