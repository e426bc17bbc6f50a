/** What people may be called, and what they may sign in with. */
import { accepted, type Outcome } from "#base/outcome.ts"
import { badField, type PeopleRefusal, refuse } from "#people/refusal.ts"
import { WORST_PASSWORDS } from "#people/worst-passwords.ts"

const LOGIN = /^[a-z0-9][a-z0-9._@+-]{0,99}$/

export function readLogin(text: string): Outcome<string, PeopleRefusal> {
  const login = text.trim().toLowerCase()
  if (LOGIN.test(login)) return accepted(login)
  return badField("login", "A login is 1 to 100 of the letters a–z, digits and . _ @ + -, and starts with a letter or digit: choose another one.")
}

/** A name of a person, a group, a token: one line that shows. */
export function readName(text: string, field = "name"): Outcome<string, PeopleRefusal> {
  const name = text.normalize("NFC").trim()
  if (name === "" || [...name].length > 100) return badField(field, `The ${field} must have 1 to 100 characters: give it a shorter or any one.`)
  // Control characters, and the marks that turn the direction of writing: what is shown would not be what was meant.
  if (/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u.test(name))
    return badField(field, `The ${field} contains a character that does not show: type it anew without it.`)
  return accepted(name)
}

export function readEmail(text: string): Outcome<string, PeopleRefusal> {
  const email = text.trim().toLowerCase()
  if (email.length <= 254 && /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(email)) return accepted(email)
  return badField("email", "This is no e-mail address: it needs the form name@domain.")
}

const SHORTEST = 12
const LONGEST = 256

/**
 * The rules of NIST SP 800-63B: length counts, kinds of characters do not; nothing that is known from every list or is made of
 * what else is known of the person. Gives the form that is hashed (NFKC, so that every keyboard gives the same).
 */
export function readPassword(text: string, known: readonly string[]): Outcome<string, PeopleRefusal> {
  const password = text.normalize("NFKC")
  const length = [...password].length
  if (length < SHORTEST) return weak(`it has ${length} character${length === 1 ? "" : "s"} and needs ${SHORTEST}`)
  if (length > LONGEST) return weak(`it has ${length} characters and may have ${LONGEST}`)
  if (!password.isWellFormed()) return weak("it is not well-formed text")
  const plain = password.toLowerCase()
  if (WORST_PASSWORDS.has(plain) || isRepetition(plain) || isRun(plain)) return weak("it is among the first that anybody would try")
  const part = known.map((each) => each.toLowerCase()).find((each) => each.length >= 3 && plain.replaceAll(each, "").length < SHORTEST / 2)
  return part === undefined ? accepted(password) : weak("it is little more than the login or the name")
}

function weak(why: string) {
  return refuse("weak_password", `This password cannot be used: ${why}. Choose a longer one, for instance four words.`, { field: "password" })
}

// "passwordpassword", "abcabcabcabc": a short piece over and over, with an end that may differ by a digit or two.
function isRepetition(text: string): boolean {
  const body = text.replace(/\P{L}{1,4}$/u, "")
  return [text, body].some((each) => each === "" || WORST_PASSWORDS.has(each) || /^(.{1,6})\1+$/su.test(each) || new Set(each).size < 4)
}

// "abcdefghijkl", "987654321098": each character next to the one before.
function isRun(text: string): boolean {
  const steps = Array.from(text.slice(1), (_, i) => text.charCodeAt(i + 1) - text.charCodeAt(i))
  return steps.filter((step) => Math.abs(step) === 1).length >= steps.length - 1
}
