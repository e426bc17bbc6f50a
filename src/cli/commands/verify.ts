/** `stet verify`: whether evidence is what was signed. No server is asked. */
import { isObject, own, parse } from "#base/json.ts"
import type { Action } from "#cli/action.ts"
import { type Command, isOn, lastValueOf, type Parsed } from "#cli/arguments.ts"
import { complain, type Edge, EXIT } from "#cli/edge.ts"
import { keptFiles, promotedRef } from "#cli/kept-evidence.ts"
import { type Evidence, rotationsIn, type Signed, verifyEvidence } from "#template/evidence.ts"

const COMMAND: Command = {
  name: "stet verify",
  summary: "Check the signed evidence of a promotion, without any server",
  description: [
    "Against a fingerprint that you have from elsewhere, and the notebook if you have it. It says that nothing was changed since the holder of that key signed it, and no more. Exit code 0 when that is so, 1 when not, 2 when it is no evidence.",
  ],
  positionals: [
    { name: "FILE", help: "What `stet evidence` wrote; - for standard input. Or TEMPLATE@VERSION, of what `stet evidence --export` wrote." },
  ],
  flags: [
    {
      name: "--fingerprint",
      takes: ["HEX"],
      help: "SHA-256 of the public key, as the server's /api/v1/signing-key tells it. Required. That of a key before or after is as good, when both vouch for each other: see `stet keys`.",
    },
    { name: "--from", takes: ["FOLDER"], help: "Where the export of TEMPLATE@VERSION is; default: here." },
    { name: "--notebook", takes: ["FILE"], help: "The version's bytes: must be the ones that were promoted." },
    { name: "--json", takes: [], help: "The evidence as JSON." },
  ],
}

export const VERIFY: Action = { command: COMMAND, act }

async function act(parsed: Parsed, edge: Edge): Promise<number> {
  const fingerprint = lastValueOf(parsed, "--fingerprint")
  if (fingerprint === undefined) {
    complain(edge, "No fingerprint is given.", "Give --fingerprint HEX, from where you noted it: one out of the same file would prove nothing.")
    return EXIT.bad
  }
  const storage = await edge.storage({ allowPrivateAddresses: false })
  const [text = ""] = parsed.positionals
  const ref = promotedRef(text)
  const files = ref && keptFiles(lastValueOf(parsed, "--from") ?? ".", ref)
  const path = files?.evidence ?? text
  const signed = signedIn(new TextDecoder().decode(await storage.read(path)))
  if (!signed) {
    complain(edge, `${path} is no evidence of a promotion.`, "Fetch it with `stet evidence TEMPLATE`.")
    return EXIT.bad
  }
  const beside = lastValueOf(parsed, "--notebook") ?? files?.notebook
  const notebook = beside === undefined ? undefined : await storage.read(beside)
  const verified = verifyEvidence(signed, { fingerprint, notebook }, await edge.verifying())
  if (!verified.ok) {
    complain(edge, verified.refusal.message)
    return EXIT.failed
  }
  if (ref && (verified.value.template !== ref.template || verified.value.version.number !== ref.version)) {
    complain(edge, `What is there is the evidence of ${verified.value.template}@${verified.value.version.number}, not of ${text}.`)
    return EXIT.failed
  }
  edge.out.write(isOn(parsed, "--json") ? `${signed.evidence}\n` : told(verified.value, notebook !== undefined))
  return EXIT.succeeded
}

function signedIn(text: string): Signed | undefined {
  const parsed = parse(text)
  if (!parsed.ok || !isObject(parsed.value)) return undefined
  const found = ["evidence", "signature", "publicKey", "keyId"].map((name) => own(parsed.value as never, name))
  if (!found.every((one) => typeof one === "string")) return undefined
  return { ...(parsed.value as unknown as Signed), rotations: rotationsIn(own(parsed.value, "rotations")) }
}

function told({ template, number, version, reviews, checks, isReviewed, runAs, promotedAt, promotedBy }: Evidence, hasNotebook: boolean): string {
  const approved = reviews.filter(({ verdict }) => verdict === "approve").map(({ person }) => person.name)
  return [
    `${template}, promotion ${number}: unchanged since it was signed.`,
    `  version ${version.number}, SHA-256 ${version.sha256}${hasNotebook ? ": the notebook is that one" : ""}`,
    `  promoted ${promotedAt} by ${promotedBy.name}; ${isReviewed ? `approved by ${approved.join(", ")}` : "not reviewed"}`,
    ...(runAs?.person ? [`  runs in the name of ${runAs.person.name}`] : []),
    `  proven by ${checks.length === 1 ? "one run" : `${checks.length} runs`}`,
    "",
  ].join("\n")
}
