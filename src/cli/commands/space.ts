/** `stet space`: the spaces of a server, and who may do what in them. */
import type { Answered } from "#api/contract.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { type Command, isOn, lastValueOf } from "#cli/arguments.ts"
import { EXIT } from "#cli/edge.ts"
import type { Refusal } from "#cli/prepare.ts"
import { say } from "#cli/say.ts"
import { onServer, type Remote } from "#cli/server/act.ts"
import { groupNamed, type Named, personNamed } from "#cli/server/who.ts"
import { since } from "#cli/server/words.ts"
import { tableOn } from "#cli/table.ts"
import { noSuchVerb, verbs } from "#cli/verbs.ts"

const ROLES = ["viewer", "commenter", "runner", "editor", "admin"] as const

const VERBS: { readonly [verb: string]: (remote: Remote, name: string) => Promise<number> } = { list, create, roles, grant, revoke }

const COMMAND: Command = {
  name: "stet space",
  summary: "List and make spaces, and give roles in them",
  description: [
    "A space holds notebooks and files; its name is the first part of their paths. list shows those that you may read, create NAME makes one, which you then administer; roles NAME shows who may do what in it, grant and revoke NAME change that.",
    "Each role may do what those before it may: viewer, commenter, runner, editor, admin.",
  ],
  positionals: [verbs(Object.keys(VERBS)), { name: "NAME", optional: true, help: "The space; for all verbs but list." }],
  flags: [
    { name: "--title", takes: ["TEXT"], help: "With create: what it is called on its page." },
    { name: "--person", takes: ["LOGIN"], help: "With grant and revoke: a person or a service account, by login, name or id." },
    { name: "--group", takes: ["GROUP"], help: "With grant and revoke: a group, by name or id." },
    { name: "--role", takes: ["ROLE"], choices: ROLES, help: `With grant: ${ROLES.slice(0, -1).join(", ")} or ${ROLES.at(-1)}.` },
    { name: "--json", takes: [], help: "As JSON lines." },
  ],
  examples: [
    { line: 'stet space create sales --title "Sales reports"', means: "Make a space." },
    { line: "stet space grant sales --person ana --role editor", means: "Let ana write in it; given again, the role is changed." },
  ],
}

export const SPACE = onServer(COMMAND, act)

type Space = Answered<"getSpace">
type Grant = Answered<"listGrants">["items"][number]

function act(remote: Remote): Promise<number> {
  const [verb = "", name] = remote.parsed.positionals
  const deed = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined
  if (!deed) return Promise.resolve(noSuchVerb(remote.edge, "space", verb, Object.keys(VERBS)))
  if (name === undefined && verb !== "list")
    return Promise.resolve(say(remote.edge, { messages: ["which space is meant is not said."], remedy: `stet space ${verb} NAME` }))
  return deed(remote, name ?? "")
}

async function list({ parsed, edge, client }: Remote): Promise<number> {
  const { items } = await client.call("listSpaces", { query: {} })
  const row = ({ name, title, role, createdAt }: Space) => [name, role ?? "-", since(createdAt, edge.clock.now()), title]
  if (isOn(parsed, "--json")) edge.out.write(items.map((one) => `${JSON.stringify(one)}\n`).join(""))
  else if (items.length === 0) edge.out.write("There is none that you may read. Make one: stet space create NAME\n")
  else edge.out.write(`${tableOn(edge.out, [["SPACE", "YOUR ROLE", "MADE", "TITLE"], ...items.map(row)])}\n`)
  return EXIT.succeeded
}

async function create({ parsed, edge, client, url }: Remote, name: string): Promise<number> {
  const title = lastValueOf(parsed, "--title")
  const made = await client.call("createSpace", { body: { name, ...(title === undefined ? {} : { title }) } })
  edge.out.write(
    isOn(parsed, "--json") ? `${JSON.stringify(made)}\n` : `${name} is made: ${new URL(url).origin}/spaces/${encodeURIComponent(name)}\n`,
  )
  return EXIT.succeeded
}

async function roles({ parsed, edge, client }: Remote, space: string): Promise<number> {
  const { items } = await client.call("listGrants", { params: { space } })
  const whole = items.filter(({ notebook }) => notebook === null)
  const row = ({ person, group, role, grantedAt }: Grant) => [
    person?.name ?? group?.name ?? "",
    person ? "person" : "group",
    role,
    since(grantedAt, edge.clock.now()),
  ]
  if (isOn(parsed, "--json")) edge.out.write(whole.map((one) => `${JSON.stringify(one)}\n`).join(""))
  else if (whole.length === 0) edge.out.write(`Nobody has a role in ${space}: only administrators come to it.\n`)
  else edge.out.write(`${tableOn(edge.out, [["WHO", "IS A", "ROLE", "GIVEN"], ...whole.map(row)])}\n`)
  return EXIT.succeeded
}

async function grant(remote: Remote, space: string): Promise<number> {
  const { parsed, edge, client } = remote
  const role = ROLES.find((one) => one === lastValueOf(parsed, "--role"))
  if (!role) return say(edge, { messages: ["which role is meant is not said."], remedy: `--role ${ROLES.join("|")}` })
  const whom = await meant(remote)
  if (!whom.ok) return say(edge, whom.refusal)
  const { kind, id, name } = whom.value
  const given = await client.call("grant", { params: { space }, body: { ...(kind === "person" ? { person: id } : { group: id }), role } })
  edge.out.write(isOn(parsed, "--json") ? `${JSON.stringify(given)}\n` : `${name} is ${role} in ${space}.\n`)
  return EXIT.succeeded
}

async function revoke(remote: Remote, space: string): Promise<number> {
  const { parsed, edge, client } = remote
  const whom = await meant(remote)
  if (!whom.ok) return say(edge, whom.refusal)
  const { kind, id, name } = whom.value
  const { items } = await client.call("listGrants", { params: { space } })
  const given = items.find((one) => one.notebook === null && one[kind]?.id === id)
  if (!given) return say(edge, { messages: [`${name} has no role of their own in ${space}.`], remedy: `See who has: stet space roles ${space}` })
  await client.call("revokeGrant", { params: { space, grant: given.id } })
  edge.out.write(isOn(parsed, "--json") ? `${JSON.stringify(given)}\n` : `${name} is not ${given.role} in ${space} any more.\n`)
  return EXIT.succeeded
}

type Whom = Named & { readonly kind: "person" | "group" }

async function meant(remote: Remote): Promise<Outcome<Whom, Refusal>> {
  const [person, group] = [lastValueOf(remote.parsed, "--person"), lastValueOf(remote.parsed, "--group")]
  if ((person === undefined) === (group === undefined))
    return { ok: false, refusal: { messages: ["it takes one person or one group."], remedy: "--person LOGIN, or --group GROUP" } }
  const found = person === undefined ? await groupNamed(remote, group ?? "") : await personNamed(remote, person)
  return found.ok ? accepted({ kind: person === undefined ? "group" : "person", id: found.value.id, name: found.value.name }) : found
}
