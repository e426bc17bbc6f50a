/** `stet keys`: the keys that evidence is signed with. */
import type { Action } from "#cli/action.ts"
import { type Command, isOn, type Parsed } from "#cli/arguments.ts"
import { type Edge, EXIT } from "#cli/edge.ts"
import type { KeysReport } from "#cli/platform.ts"
import { noSuchVerb, verbs } from "#cli/verbs.ts"

const VERBS = ["list", "rotate"]

const COMMAND: Command = {
  name: "stet keys",
  summary: "Show or rotate the keys that evidence is signed with",
  description: [
    "`stet keys list` prints the fingerprints; note the newest where the evidence is not kept. `stet keys rotate` puts a new key in place of the one of now, whose private half is gone afterwards. Both sign that one followed the other, so that `stet verify` goes on checking what was signed before and after, against either fingerprint. A server that runs signs with the new one from then on.",
    "With --compromised the old key fell into wrong hands: neither vouches for the other, and a fingerprint that somebody noted before has to be noted anew.",
  ],
  positionals: [verbs(VERBS)],
  flags: [
    { name: "--compromised", takes: [], help: "The old key is not to be trusted any more." },
    { name: "--json", takes: [], help: "As JSON." },
  ],
}

export const KEYS: Action = { command: COMMAND, act }

async function act(parsed: Parsed, edge: Edge): Promise<number> {
  const [verb] = parsed.positionals
  if (verb !== "list" && verb !== "rotate") return noSuchVerb(edge, "keys", verb ?? "", VERBS)
  const platform = await edge.platform()
  const report = verb === "list" ? await platform.keys() : await platform.rotateKeys({ isTrusted: !isOn(parsed, "--compromised") })
  edge.out.write(isOn(parsed, "--json") ? `${JSON.stringify(report)}\n` : told(report))
  return EXIT.succeeded
}

function told({ fingerprint, before }: KeysReport): string {
  const past = before.map((key) => `${key.fingerprint}  until ${key.until}${key.isTrusted ? "" : ", not to be trusted"}`)
  return [...past, `${fingerprint}  now`, ""].join("\n")
}
