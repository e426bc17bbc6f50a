/** `stet evidence`: the signed record of a promotion, to be kept where the server is not. */
import { type Command, lastValueOf } from "#cli/arguments.ts"
import { complain, EXIT } from "#cli/edge.ts"
import { keptFiles, type PromotedRef, promotedRef } from "#cli/kept-evidence.ts"
import { onServer, type Remote } from "#cli/server/act.ts"

const COMMAND: Command = {
  name: "stet evidence",
  summary: "Fetch the signed evidence of a template's promotion",
  description: [
    "Writes it as JSON. `stet verify` checks it without any server; note the fingerprint, which is printed, somewhere else. With --export, evidence and notebook go into a folder side by side, where `stet verify TEMPLATE@VERSION` finds both.",
  ],
  positionals: [{ name: "TEMPLATE", help: "A template's name; with @VERSION for a version that was promoted." }],
  flags: [
    { name: "--number", takes: ["NUMBER"], help: "Which promotion; default the one that the name stands for." },
    { name: "--output", takes: ["FILE"], help: "Where it is written; default standard output." },
    { name: "--export", takes: ["FOLDER"], help: "Write evidence and notebook into this folder, which is there." },
  ],
}

export const EVIDENCE = onServer(COMMAND, act)

async function act(remote: Remote): Promise<number> {
  const { parsed, edge, client } = remote
  const [text = ""] = parsed.positionals
  const ref = promotedRef(text)
  const template = ref?.template ?? text
  const asked = lastValueOf(parsed, "--number")
  if (asked !== undefined && !/^[1-9]\d*$/u.test(asked)) {
    complain(edge, `--number is a whole number from 1, not ${asked}.`)
    return EXIT.bad
  }
  const promotions = (await client.call("listPromotions", { params: { template } })).items
  const latest = ref || asked !== undefined ? undefined : (await client.call("getTemplate", { params: { template } })).latest
  const found = promotions.find(({ number, version }) => (ref ? version === ref.version : number === Number(asked ?? latest)))
  if (!found) {
    complain(edge, promotions.length === 0 ? `nothing of ${template} was promoted yet.` : `what is asked for was never promoted for ${template}.`)
    return EXIT.bad
  }
  const [evidence, key] = await Promise.all([
    client.call("getEvidence", { params: { template, number: found.number } }),
    client.call("getSigningKey", {}),
  ])
  const bytes = new TextEncoder().encode(`${JSON.stringify(evidence, undefined, 1)}\n`)
  const folder = lastValueOf(parsed, "--export")
  if (folder === undefined) await writeTo(remote, lastValueOf(parsed, "--output"), bytes)
  else await exportTo(remote, { folder, ref: { template, version: found.version }, bytes })
  edge.err.write(`Fingerprint of the key: ${key.fingerprint}\n`)
  return EXIT.succeeded
}

async function writeTo({ edge }: Remote, output: string | undefined, bytes: Uint8Array): Promise<void> {
  if (output === undefined || output === "-") edge.out.write(new TextDecoder().decode(bytes))
  else await (await edge.storage({ allowPrivateAddresses: false })).write(output, bytes)
}

type Exporting = { readonly folder: string; readonly ref: PromotedRef; readonly bytes: Uint8Array }

async function exportTo({ edge, client }: Remote, { folder, ref, bytes }: Exporting): Promise<void> {
  const files = keptFiles(folder, ref)
  const storage = await edge.storage({ allowPrivateAddresses: false })
  const { notebook } = await client.call("getTemplate", { params: { template: ref.template } })
  await storage.write(files.notebook, await client.stream("getVersionContent", { params: { notebook: notebook.id, version: ref.version } }))
  await storage.write(files.evidence, bytes)
  edge.err.write(`${files.evidence}\n${files.notebook}\n`)
}
