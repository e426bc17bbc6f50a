/** `stet backup` and `stet restore`. */
import type { Action } from "#cli/action.ts"
import { type Command, isOn, type Parsed } from "#cli/arguments.ts"
import { type Edge, EXIT } from "#cli/edge.ts"
import type { BackupReport } from "#cli/platform.ts"

const BACKUP_COMMAND: Command = {
  name: "stet backup",
  summary: "Write a whole backup into a directory",
  description: ["Copies the database as it stands at one instant and every blob it refers to into a new DIRECTORY, while the platform goes on."],
  positionals: [{ name: "DIRECTORY", help: "Made by this; refused when it is there and not empty." }],
  flags: [{ name: "--json", takes: [], help: "What was written, as JSON." }],
}

const RESTORE_COMMAND: Command = {
  name: "stet restore",
  summary: "Fill an empty platform from a backup",
  description: [
    "Reads DIRECTORY into the platform of STET_HOME and DATABASE_URL, which must be empty and not running, and verifies every version and blob on the way.",
  ],
  positionals: [{ name: "DIRECTORY", help: "What `stet backup` wrote." }],
  flags: [
    { name: "--verify", takes: [], help: "Only read the backup and verify all of it; change nothing." },
    { name: "--json", takes: [], help: "What was read, as JSON." },
  ],
}

export const BACKUP: Action = { command: BACKUP_COMMAND, act: backup }
export const RESTORE: Action = { command: RESTORE_COMMAND, act: restore }

async function backup(parsed: Parsed, edge: Edge): Promise<number> {
  const report = await (await edge.platform()).backup(parsed.positionals[0] ?? "", (line) => edge.err.write(`${line}\n`))
  return tell(parsed, edge, { report, did: "Written" })
}

async function restore(parsed: Parsed, edge: Edge): Promise<number> {
  const verifyOnly = isOn(parsed, "--verify") ?? false
  const report = await (await edge.platform()).restore(parsed.positionals[0] ?? "", { verifyOnly }, (line) => edge.err.write(`${line}\n`))
  return tell(parsed, edge, { report, did: verifyOnly ? "Verified" : "Restored and verified" })
}

function tell(parsed: Parsed, edge: Edge, { report, did }: { readonly report: BackupReport; readonly did: string }): number {
  const count = (value: number) => value.toLocaleString("en-US")
  if (isOn(parsed, "--json")) edge.out.write(`${JSON.stringify(report)}\n`)
  else
    edge.out.write(
      `${did}: ${count(report.rows)} rows in ${report.tables} tables, ${count(report.blobs)} blobs, ${count(Math.ceil(report.sizeBytes / 1_000_000))} MB.\n`,
    )
  return EXIT.succeeded
}
