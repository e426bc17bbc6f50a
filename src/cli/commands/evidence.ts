/** `stet evidence`: the signed record of a promotion, to be kept where the server is not. */
import { type Command, lastValueOf } from "#cli/arguments.ts"
import { complain, EXIT } from "#cli/edge.ts"
import { onServer, type Remote } from "#cli/server/act.ts"

const COMMAND: Command = {
  name: "stet evidence",
  summary: "Fetch the signed evidence of a template's promotion",
  description: ["Writes it as JSON. `stet verify` checks it without any server; note the fingerprint, which is printed, somewhere else."],
  positionals: [{ name: "TEMPLATE", help: "A template's name." }],
  flags: [
    { name: "--number", takes: ["NUMBER"], help: "Which promotion; default the newest." },
    { name: "--output", takes: ["FILE"], help: "Where it is written; default standard output." },
  ],
}

export const EVIDENCE = onServer(COMMAND, act)

async function act({ parsed, edge, client }: Remote): Promise<number> {
  const [template = ""] = parsed.positionals
  const asked = lastValueOf(parsed, "--number")
  const number = asked === undefined ? (await client.call("getTemplate", { params: { template } })).latest : Number(asked)
  if (!Number.isInteger(number) || number < 1) {
    complain(edge, asked === undefined ? `nothing of ${template} was promoted yet.` : `--number is a whole number from 1, not ${asked}.`)
    return EXIT.bad
  }
  const [evidence, key] = await Promise.all([client.call("getEvidence", { params: { template, number } }), client.call("getSigningKey", {})])
  const output = lastValueOf(parsed, "--output")
  const text = `${JSON.stringify(evidence, undefined, 1)}\n`
  if (output === undefined || output === "-") edge.out.write(text)
  else await (await edge.storage({ allowPrivateAddresses: false })).write(output, new TextEncoder().encode(text))
  edge.err.write(`Fingerprint of the key: ${key.fingerprint}\n`)
  return EXIT.succeeded
}
