/** People and groups as they are named at a terminal: by login, by name or by id. */
import type { Answered } from "#api/contract.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { nearest } from "#cli/nearest.ts"
import type { Refusal } from "#cli/prepare.ts"
import type { Remote } from "#cli/server/act.ts"

type Person = Answered<"getPerson">
export type Named = { readonly id: string; readonly name: string }

/** The person or service account who is called that. */
export async function personNamed({ client }: Remote, who: string): Promise<Outcome<Person, Refusal>> {
  const { items } = await client.call("listPeople", { query: { q: who, limit: 200 } })
  return one(
    who,
    items.filter(({ id, login, name }) => who === id || who === login || who === name),
    items.flatMap(({ login, name }) => [login ?? name]),
  )
}

/** The group that is called that. */
export async function groupNamed({ client }: Remote, who: string): Promise<Outcome<Named, Refusal>> {
  const { items } = await client.call("listGroups", {})
  return one(
    who,
    items.filter(({ id, name }) => who === id || who === name),
    items.map(({ name }) => name),
  )
}

function one<Found extends Named>(who: string, found: readonly Found[], known: readonly string[]): Outcome<Found, Refusal> {
  const [first, second] = found
  if (first && !second) return accepted(first)
  const asked = JSON.stringify(who)
  if (second) return refused({ messages: [`${found.length} are called ${asked}.`], remedy: `Give the id: ${found.map(({ id }) => id).join(", ")}` })
  const close = nearest(who, known)[0]
  return refused({
    messages: [`nobody is called ${asked}.`],
    remedy: close ? `Did you mean: ${close}` : "Logins and names stand on the page People.",
  })
}
