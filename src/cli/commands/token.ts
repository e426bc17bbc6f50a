/** `stet token`: the API tokens of whoever asks, and of their service accounts. A token makes no other, so that a leaked one ends when it is revoked. */
import type { Answered } from "#api/contract.ts"
import { type Command, isOn, lastValueOf } from "#cli/arguments.ts"
import { EXIT } from "#cli/edge.ts"
import { say } from "#cli/say.ts"
import { onServer, type Remote } from "#cli/server/act.ts"
import { personNamed } from "#cli/server/who.ts"
import { since } from "#cli/server/words.ts"
import { tableOn } from "#cli/table.ts"
import { noSuchVerb, verbs } from "#cli/verbs.ts"

const VERBS: { readonly [verb: string]: (remote: Remote) => Promise<number> } = { list, revoke }

const COMMAND: Command = {
  name: "stet token",
  summary: "List and revoke API tokens",
  description: [
    "A token acts as the one who made it, or as a service account, within its scopes. They are made in a browser, under Settings, API tokens, since a token makes no other. list shows which there are, newest first; revoke NAME takes a name or an id.",
  ],
  positionals: [verbs(Object.keys(VERBS)), { name: "NAME", optional: true, help: "With revoke: the token, by its name or id." }],
  flags: [
    { name: "--for", takes: ["ACCOUNT"], help: "Those of this service account, by name or id." },
    { name: "--json", takes: [], help: "As JSON lines." },
  ],
  examples: [{ line: "stet token revoke nightly", means: "It works no more, at once." }],
}

export const TOKEN = onServer(COMMAND, act)

type Token = Answered<"listTokens">["items"][number]

function act(remote: Remote): Promise<number> {
  const [verb = "", name] = remote.parsed.positionals
  const deed = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined
  if (!deed) return Promise.resolve(noSuchVerb(remote.edge, "token", verb, Object.keys(VERBS)))
  if (name === undefined && verb !== "list")
    return Promise.resolve(say(remote.edge, { messages: ["which token is meant is not said."], remedy: `stet token ${verb} NAME` }))
  return deed(remote)
}

async function list(remote: Remote): Promise<number> {
  const { parsed, edge } = remote
  const whose = await asWhom(remote)
  if (typeof whose === "number") return whose
  const items = await tokensOf(remote, whose)
  if (isOn(parsed, "--json")) edge.out.write(items.map((one) => `${JSON.stringify(one)}\n`).join(""))
  else if (items.length === 0) edge.out.write("There is none.\n")
  else {
    const rows = items.map((token) => row(token, edge.clock.now()))
    edge.out.write(`${tableOn(edge.out, [["TOKEN", "NAME", "SCOPES", "STATE", "USED"], ...rows])}\n`)
  }
  return EXIT.succeeded
}

async function revoke(remote: Remote): Promise<number> {
  const { parsed, edge, client } = remote
  const whose = await asWhom(remote)
  if (typeof whose === "number") return whose
  const [, name = ""] = parsed.positionals
  const found = (await tokensOf(remote, whose)).filter((token) => token.id === name || (token.name === name && token.revokedAt === null))
  const [token, second] = found
  if (!token)
    return say(edge, { messages: [`there is no token ${JSON.stringify(name)} that still works.`], remedy: "See which there are: stet token list" })
  if (second)
    return say(edge, { messages: [`${found.length} tokens are called that.`], remedy: `Give the id: ${found.map(({ id }) => id).join(", ")}` })
  await client.call("revokeToken", { params: { token: token.id } })
  edge.out.write(isOn(parsed, "--json") ? `${JSON.stringify({ id: token.id, name: token.name })}\n` : `${token.name} works no more.\n`)
  return EXIT.succeeded
}

async function tokensOf({ client }: Remote, whose: { readonly person?: string }): Promise<readonly Token[]> {
  return (await client.call("listTokens", { query: whose })).items
}

/** The service account that --for names, or the exit code when there is none. */
async function asWhom(remote: Remote): Promise<{ readonly person?: string } | number> {
  const who = lastValueOf(remote.parsed, "--for")
  if (who === undefined) return {}
  const found = await personNamed(remote, who)
  return found.ok ? { person: found.value.id } : say(remote.edge, found.refusal)
}

function row({ id, name, scopes, expiresAt, revokedAt, lastUsedAt }: Token, now: number): string[] {
  const state = revokedAt ? "revoked" : Date.parse(expiresAt) <= now ? "expired" : `until ${expiresAt.slice(0, 10)}`
  return [id, name, scopes.join(" "), state, lastUsedAt ? since(lastUsedAt, now) : "never"]
}
