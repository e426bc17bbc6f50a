/** `stet recover`: the notebook as far as a dead run got. */
import { join } from "node:path"
import type { Action } from "#cli/action.ts"
import { type Command, isOn, type Parsed } from "#cli/arguments.ts"
import { exitOf } from "#cli/conduct.ts"
import { type Edge, EXIT } from "#cli/edge.ts"
import { type Run, recover, STET, summary } from "#run/index.ts"

const COMMAND: Command = {
  name: "stet recover",
  summary: "Write the notebook that a killed run left in its journal",
  description: [
    "Reads the JOURNAL of a run that ended without saving (killed, disk full) and writes the notebook as far as it got; without OUTPUT to where the run's result was to go, as <name>.recovered.ipynb beside it. Without JOURNAL it lists the journals of runs that never ended.",
  ],
  positionals: [
    { name: "JOURNAL", optional: true, help: "The journal; the run named it when it failed to save." },
    { name: "OUTPUT", optional: true, help: "Where the notebook goes." },
  ],
  flags: [{ name: "--keep", takes: [], help: "Leave the journal where it is." }],
}

export const RECOVER: Action = { command: COMMAND, act }

async function act(parsed: Parsed, edge: Edge): Promise<number> {
  const [path, output] = parsed.positionals
  if (path === undefined) return list(edge)
  const storage = await edge.storage({ allowPrivateAddresses: false })
  const records = await edge.records()
  const journal = records.readJournal(path)
  let target = ""
  const open = (run: Run) => {
    target = output ?? recoveredPathOf(run.order.output)
    return storage.openWrite(target)
  }
  try {
    const recovered = await recover(journal, { dialect: STET, blobs: records.blobs, open })
    if (!recovered) {
      edge.err.write(`stet: ${path} holds no run: it was cut before the order was written.\n`)
      return EXIT.bad
    }
    const cut = recovered.cutBytes > 0 ? ` ${recovered.cutBytes} bytes after the last whole record were cut off.` : ""
    edge.err.write(`${summary(recovered.run)}${cut} → ${target}\n`)
    if (!isOn(parsed, "--keep") && path.startsWith(edge.home)) edge.removeJournal(path)
    // That the record ends early is why one recovers; it is no failure of this command.
    const isCut = recovered.run.status === "lost" || recovered.run.reason === "storage_failed"
    return isCut ? EXIT.succeeded : exitOf(recovered.run)
  } finally {
    journal.close()
  }
}

function recoveredPathOf(output: string): string {
  const name = output === "-" || output === "" ? "notebook" : output
  return `${name.replace(/(\.result)?\.ipynb$/, "")}.recovered.ipynb`
}

function list(edge: Edge): number {
  const journals = edge.journals()
  if (journals.length === 0) edge.out.write(`No journals in ${join(edge.home, "journals")}: every run ended and was saved.\n`)
  for (const { path, sizeBytes, inUse } of journals)
    edge.out.write(`${path}  ${sizeBytes.toLocaleString("en-US")} bytes${inUse ? "  (still running)" : ""}\n`)
  return EXIT.succeeded
}
