/** `stet propose`: asks for a version to be promoted, and shows what its runs come to. */
import type { Answered } from "#api/contract.ts"
import { plain } from "#base/json.ts"
import { type Command, isOn, lastValueOf, valuesOf } from "#cli/arguments.ts"
import { complain, EXIT } from "#cli/edge.ts"
import { say } from "#cli/say.ts"
import { onServer, type Remote } from "#cli/server/act.ts"
import { referenceOf } from "#cli/server/reference.ts"
import { filesSent } from "#cli/server/send-files.ts"
import { withYes, YES } from "#cli/yes.ts"
import type { Given } from "#notebook/index.ts"

const COMMAND: Command = {
  name: "stet propose",
  summary: "Propose a notebook on a server as a template, and wait for what proves it",
  description: [
    "Its fresh rerun and its test cases run at once. Exit code 0 when nothing of that failed, 1 when something did; with --promote also 1 while approvals are missing.",
    "Each of its runs changes again what the notebook changes outside of its directory. Cells that do, or of which nobody can tell, are listed first, and run only after a yes.",
  ],
  positionals: [{ name: "NOTEBOOK", help: "space/path.ipynb, with @VERSION for another than the newest." }],
  flags: [
    { name: "--template", takes: ["NAME"], help: "What it is to be called, as finance/weekly-revenue. Required." },
    {
      name: "--param",
      short: "-p",
      takes: ["NAME", "VALUE"],
      repeat: true,
      help: "A value for the fresh rerun, where the notebook has none of its own.",
    },
    { name: "--message", short: "-m", takes: ["TEXT"], help: "What is new." },
    { name: "--promote", takes: [], help: "Promote it when all gates have passed." },
    { name: "--no-wait", takes: [], help: "Print the proposal's id, or with --json the proposal, and do not wait." },
    YES,
    { name: "--json", takes: [], help: "The proposal as JSON." },
  ],
}

export const PROPOSE = onServer(COMMAND, act)

type Proposal = Answered<"getProposal">

async function act(remote: Remote): Promise<number> {
  const { parsed, edge, client } = remote
  const template = lastValueOf(parsed, "--template")
  if (template === undefined) {
    complain(edge, "No name is given for the template.", "Give --template NAME.")
    return EXIT.bad
  }
  const { notebook, version } = referenceOf(parsed.positionals[0] ?? "")
  const texts = valuesOf(parsed, "--param").map(([name = "", text = ""]) => ({ name, text }))
  const given = await filesSent(texts, { client, what: parsed.positionals[0] ?? "", isTemplate: false, folder: edge.cwd })
  if (!given.ok) return say(edge, { messages: given.refusal, remedy: "" })
  const body = {
    template,
    message: lastValueOf(parsed, "--message") ?? "",
    ...(typeof version === "number" ? { version } : {}),
    ...valuesIn(given.value),
  }
  const path = parsed.positionals[0] ?? ""
  const ask = (mayWrite: boolean) => client.call("propose", { params: { notebook }, body: { ...body, mayWrite } })
  const proposed = await withYes(path, ask, { parsed, edge, isForMachines: isOn(parsed, "--json") === true })
  if (!proposed) return EXIT.bad
  const { id } = proposed
  if (isOn(parsed, "--no-wait")) {
    const asJson = isOn(parsed, "--json") ? JSON.stringify(await client.call("getProposal", { params: { proposal: id } })) : id
    edge.out.write(`${asJson}\n`)
    return EXIT.succeeded
  }
  const proposal = await settled(id, remote)
  if (isOn(parsed, "--json")) edge.out.write(`${JSON.stringify(proposal)}\n`)
  else edge.out.write(proposal.gates.map(({ gate, state, said }) => `${gate.padEnd(10)} ${state.padEnd(8)} ${said}\n`).join(""))
  if (!isOn(parsed, "--promote")) return proposal.gates.some(({ state }) => state === "failed") ? EXIT.failed : EXIT.succeeded
  if (proposal.gates.some(({ state }) => state !== "passed")) return EXIT.failed
  const { number } = await client.call("promote", { params: { proposal: id } })
  edge.err.write(`${template} stands for version ${proposal.version} now (promotion ${number}).\n`)
  return EXIT.succeeded
}

function valuesIn(given: Given): { readonly parameters: Record<string, unknown>; readonly parameterTexts: Record<string, string> } {
  const values = given.flatMap((one) => ("value" in one ? [[one.name, plain(one.value)] as const] : []))
  const texts = given.flatMap((one) => ("text" in one ? [[one.name, one.text] as const] : []))
  return { parameters: Object.fromEntries(values), parameterTexts: Object.fromEntries(texts) }
}

const LOOK_MS = 1000

async function settled(id: string, { client, edge }: Remote): Promise<Proposal> {
  for (;;) {
    const proposal = await client.call("getProposal", { params: { proposal: id } })
    if (proposal.checks.every(({ verdict }) => verdict !== "pending")) return proposal
    await new Promise<void>((then) => edge.timers.after(LOOK_MS, then))
  }
}
