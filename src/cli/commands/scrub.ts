/** `stet scrub`: are all bytes still what they were? */
import type { Action } from "#cli/action.ts"
import { type Command, isOn, type Parsed } from "#cli/arguments.ts"
import { complain, type Edge, EXIT } from "#cli/edge.ts"

const COMMAND: Command = {
  name: "stet scrub",
  summary: "Read every blob and version and verify it",
  description: ["Reads everything that is kept and compares it with its digest. Exit code 3 when something is damaged or missing."],
  positionals: [],
  flags: [
    { name: "--sweep", takes: [], help: "Remove blobs that nothing refers to, when they are older than a day." },
    { name: "--json", takes: [], help: "As JSON." },
  ],
}

export const SCRUB: Action = { command: COMMAND, act }

async function act(parsed: Parsed, edge: Edge): Promise<number> {
  const report = await (await edge.platform()).scrub({ sweep: isOn(parsed, "--sweep") ?? false }, (line) => edge.err.write(`${line}\n`))
  const isWell = report.damaged.length === 0 && report.missing.length === 0
  if (isOn(parsed, "--json")) edge.out.write(`${JSON.stringify(report)}\n`)
  else {
    const swept = report.swept > 0 ? `, ${report.swept} removed` : ""
    edge.out.write(`${report.blobs} blobs and ${report.versions} versions verified; ${report.orphaned} blobs that nothing refers to${swept}.\n`)
  }
  for (const one of report.damaged) complain(edge, `Damaged: ${one}`)
  for (const one of report.missing) complain(edge, `Missing: ${one}`)
  if (!isWell) complain(edge, "Something that was kept is not what it was.", "Take it from a backup: stet restore.")
  return isWell ? EXIT.succeeded : EXIT.infrastructure
}
