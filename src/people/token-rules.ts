/** What a new token may be: never more than its maker may do, never for ever. */
import { accepted, type Outcome } from "#base/outcome.ts"
import { badField, type PeopleRefusal, refuse } from "#people/refusal.ts"
import { ROLES, type Role, SCOPES, type Scope } from "#people/roles.ts"

/** The least role, in the token's space or in any, of whoever makes a token of that scope. Reading is open to everybody who is somebody. */
const LEAST_ROLE: Record<Scope, Role> = { read: "viewer", run: "runner", edit: "editor", admin: "admin" }

/** The scopes, each once and in order. `highest` is the maker's highest role where the token will be used; undefined for none. */
export function readScopes(given: readonly string[], highest: Role | undefined): Outcome<readonly Scope[], PeopleRefusal> {
  const unknown = given.find((each) => !SCOPES.includes(each as Scope))
  if (given.length === 0 || unknown !== undefined) return badField("scopes", `A token's scopes are one or more of ${SCOPES.join(", ")}: name those.`)
  const beyond = SCOPES.find((scope) => given.includes(scope) && scope !== "read" && !reaches(highest, LEAST_ROLE[scope]))
  if (beyond === undefined) return accepted(SCOPES.filter((scope) => given.includes(scope)))
  return refuse("scope_beyond_rights", `You may not do yourself what the scope "${beyond}" lets a token do: leave it out.`, { field: "scopes" })
}

function reaches(role: Role | undefined, least: Role): boolean {
  return role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(least)
}

/** Days until a token expires. */
export function readDays(given: number | undefined, usual: number, most: number): Outcome<number, PeopleRefusal> {
  const days = given ?? Math.min(usual, most)
  if (Number.isFinite(days) && days > 0 && days <= most) return accepted(days)
  return badField("days", `A token lasts more than 0 and at most ${most} days: give a number between.`)
}
