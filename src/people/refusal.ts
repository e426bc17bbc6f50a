import { refused } from "#base/outcome.ts"

/** Every way in which people refuses; api holds one table from these to statuses. */
export type PeopleRefused =
  | "not_signed_in"
  | "not_allowed"
  | "bad_sign_in"
  | "too_many_attempts"
  | "sign_in_again"
  | "needs_session"
  | "bad_link"
  | "bad_field"
  | "weak_password"
  | "login_taken"
  | "name_taken"
  | "claim_taken"
  | "no_such_person"
  | "no_such_group"
  | "no_such_space"
  | "no_such_notebook"
  | "no_such_grant"
  | "no_such_token"
  | "no_such_session"
  | "no_such_invite"
  | "last_admin"
  | "scope_beyond_rights"
  | "still_owns"
  | "single_sign_on_refused"
  | "single_sign_on_off"

/** `message` is one sentence with cause and remedy; `field` names what was given wrongly; `retryAfterSeconds` when waiting helps. */
export type PeopleRefusal = {
  readonly refused: PeopleRefused
  readonly message: string
  readonly field?: string
  readonly retryAfterSeconds?: number
}

export function refuse(code: PeopleRefused, message: string, more: { field?: string; retryAfterSeconds?: number } = {}) {
  return refused<PeopleRefusal>({ refused: code, message, ...more })
}

export function badField(field: string, message: string) {
  return refuse("bad_field", message, { field })
}

export function notAllowed(what: string, who: string) {
  return refuse("not_allowed", `You may not ${what}: that takes ${who}. Ask one of them.`)
}
