/** `stet audit verify`: is the record of who did what whole? */
import type { Action } from "#cli/action.ts"
import { type Command, isOn, lastValueOf, type Parsed } from "#cli/arguments.ts"
import { complain, type Edge, EXIT } from "#cli/edge.ts"
import { noSuchVerb, verbs } from "#cli/verbs.ts"

const VERBS = ["verify"]

const COMMAND: Command = {
  name: "stet audit",
  summary: "Verify the chain of audit records",
  description: [
    "`stet audit verify` reads every record and its place in the chain of hashes, and names the first one that was changed, removed or put in. That the last records were cut off shows only against a head that was kept elsewhere: give the one an earlier verification printed.",
  ],
  positionals: [verbs(VERBS)],
  flags: [
    { name: "--head", takes: ["SEQ:HASH"], help: "The head that an earlier verification printed." },
    { name: "--json", takes: [], help: "As JSON." },
  ],
}

export const AUDIT: Action = { command: COMMAND, act }

async function act(parsed: Parsed, edge: Edge): Promise<number> {
  if (parsed.positionals[0] !== "verify") return noSuchVerb(edge, "audit", parsed.positionals[0] ?? "", VERBS)
  const report = await (await edge.platform()).verifyAudit({ head: lastValueOf(parsed, "--head") })
  if (isOn(parsed, "--json")) edge.out.write(`${JSON.stringify(report)}\n`)
  else if (report.firstBad === undefined) edge.out.write(`${report.events} records, the chain is whole. Head: ${report.head}\n`)
  if (report.firstBad !== undefined)
    complain(edge, `The chain breaks at record ${report.firstBad}: ${report.why}.`, "Compare with a backup; what follows cannot be trusted.")
  return report.firstBad === undefined ? EXIT.succeeded : EXIT.infrastructure
}
