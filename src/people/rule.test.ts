import { expect, test } from "vitest"
import type { Actor } from "#people/actor.ts"
import { takeTurn } from "#people/attempts.ts"
import { faultOf, GENESIS, sealed, storable, storableDetail, viaOf } from "#people/audit.ts"
import type { NotebookId, PersonId, SpaceId, TokenId } from "#people/ids.ts"
import { ACTIONS, ROLES, type Scope } from "#people/roles.ts"
import { allows, allowsPlatform, type Held, highestRole, type Standing } from "#people/rule.ts"
import { admit, flowValues, localPath } from "#people/single-sign-on.ts"
import { readEmail, readLogin, readName, readPassword } from "#people/text.ts"
import { readDays, readScopes } from "#people/token-rules.ts"

const S = "S" as SpaceId
const N = "N" as NotebookId
const person: Actor = { id: "P" as PersonId, name: "P", isAdmin: false, via: { kind: "session", session: "s" } }
const withToken = (scopes: readonly Scope[], space?: SpaceId): Actor => ({ ...person, via: { kind: "token", token: "T" as TokenId, scopes, space } })
const standing = (held: readonly Held[], more: Partial<Standing> = {}): Standing => ({ isActive: true, isAdmin: false, held, ...more })
const picture = (one: Standing, actor: Actor, thing = { space: S }) =>
  ACTIONS.map((action) => (allows(one, actor, action, thing) ? "x" : ".")).join("")

test("each role may do what the one before may, and one thing more; an editor sees hidden code", () => {
  expect(ROLES.map((role) => picture(standing([{ role, space: S }]), person))).toEqual(["x.....", "xx....", "xxx...", "xxxx.x", "xxxxxx"])
  expect(picture(standing([]), person)).toBe("......")
})

test("scopes only take away: what a token may do is what its person may and its scopes say", () => {
  const admin = standing([{ role: "admin", space: S }])
  const scopes: readonly (readonly Scope[])[] = [[], ["read"], ["run"], ["edit"], ["admin"], ["run", "edit"]]
  expect(scopes.map((each) => picture(admin, withToken(each)))).toEqual(["......", "x....x", "x.x..x", "xx.x.x", "xxxxxx", "xxxx.x"])
  expect(scopes.map((each) => picture(standing([{ role: "viewer", space: S }]), withToken(each)))).toEqual([
    "......",
    "x.....",
    "x.....",
    "x.....",
    "x.....",
    "x.....",
  ])
  expect([picture(admin, withToken(["admin"], S)), picture(admin, withToken(["admin"], "other" as SpaceId))]).toEqual(["xxxxxx", "......"])
  expect(picture(standing([], { isAdmin: true }), withToken(["run"], "other" as SpaceId))).toBe("......")
})

test("disabled is nothing, administrator is everything, and a grant on a notebook is for that notebook", () => {
  expect(picture(standing([{ role: "admin", space: S }], { isActive: false, isAdmin: true }), person)).toBe("......")
  expect(picture(standing([], { isAdmin: true }), person)).toBe("xxxxxx")
  const onNotebook = standing([
    { role: "editor", space: S, notebook: N },
    { role: "viewer", space: S },
  ])
  expect(picture(onNotebook, person)).toBe("x.....")
  expect(ACTIONS.map((action) => allows(onNotebook, person, action, { space: S, notebook: N }))).toEqual([true, true, true, true, false, true])
  expect(allows(onNotebook, person, "edit", { space: S, notebook: "M" as NotebookId })).toBe(false)
  expect(allows(onNotebook, person, "edit", { space: "other" as SpaceId, notebook: N })).toBe(false)
  expect([
    highestRole(onNotebook, { space: S, notebook: N }),
    highestRole(onNotebook, { space: S }),
    highestRole(standing([]), { space: S }),
  ]).toEqual(["editor", "viewer", undefined])
  const platform = (actor: Actor, isAdmin = true) => allowsPlatform(standing([{ role: "admin", space: S }], { isAdmin }), actor)
  expect([
    platform(person),
    platform(person, false),
    platform(withToken(["admin"])),
    platform(withToken(["edit"])),
    platform(withToken(["admin"], S)),
  ]).toEqual([true, false, true, false, false])
  expect(allowsPlatform(standing([], { isAdmin: true, isActive: false }), person)).toBe(false)
})

test("a token's scopes need the role, its days a bound", () => {
  const scopes = (given: readonly string[], highest: Parameters<typeof readScopes>[1]) => {
    const read = readScopes(given, highest)
    return read.ok ? read.value.join(" ") : read.refusal.refused
  }
  expect(ROLES.map((role) => scopes(["edit", "read", "edit"], role))).toEqual([...Array(3).fill("scope_beyond_rights"), "read edit", "read edit"])
  expect([scopes(["read"], undefined), scopes(["run"], "commenter"), scopes(["__proto__"], "admin")]).toEqual([
    "read",
    "scope_beyond_rights",
    "bad_field",
  ])
  expect([readDays(undefined, 90, 366), readDays(undefined, 90, 30)].map((each) => each.ok && each.value)).toEqual([90, 30])
  expect([-1, 0, 367, Number.POSITIVE_INFINITY].map((days) => readDays(days, 90, 366).ok)).toEqual([false, false, false, false])
})

test("waits double from the fifth failure up to a quarter of an hour, and are forgotten after an hour", () => {
  let counted = { failures: 0, lastAt: 0, blockedUntil: 0 }
  const waits: number[] = []
  let now = 1_000_000_000
  for (let i = 0; i < 20; i++) {
    const turn = takeTurn("login_and_address", counted, now)
    if (!("next" in turn)) throw new Error("blocked")
    counted = turn.next
    waits.push((counted.blockedUntil - now) / 1000)
    now = counted.blockedUntil
  }
  expect(waits).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900, 900])
  expect(takeTurn("login_and_address", counted, now - 1)).toEqual({ waitMs: 1 })
  expect(takeTurn("login_and_address", counted, now + 3_600_001)).toMatchObject({ next: { failures: 1 } })
  expect(takeTurn("login", { ...counted, failures: 1e9 }, now + 1)).toMatchObject({ next: { blockedUntil: now + 60_001 } })
})

test("passwords: length counts, and what everybody tries is refused whatever its length", () => {
  const why = (text: string, known: readonly string[] = []) => {
    const read = readPassword(text, known)
    return read.ok ? "good" : /cannot be used: (.*?)\. Choose/.exec(read.refusal.message)?.[1]
  }
  expect(why("four quiet lamps agree")).toBe("good")
  expect(why("ünïcödé wörds")).toBe("good")
  expect(why("eleven char")).toMatch(/has 11 characters and needs 12/)
  expect(why("x")).toMatch(/has 1 character and/)
  expect(why(`${"ab cd ef ".repeat(40)}z`)).toMatch(/may have 256/)
  for (const bad of [
    "Password1234",
    "passwordpassword",
    "aaaaaaaaaaaaaa",
    "abcabcabcabc",
    "abcabcabcabc1",
    "abcdefghijklm",
    "9876543210987",
    "QWERTYUIOP123",
    "correcthorsebatterystaple",
    "qwertyqwerty!!",
    "111111111111",
  ])
    expect([bad, why(bad)]).toEqual([bad, "it is among the first that anybody would try"])
  expect(why("ada.lovelace1", ["ada.lovelace"])).toMatch(/little more than the login/)
  expect(why("ada.lovelace and four lamps", ["ada.lovelace", "x"])).toBe("good")
  // The same password from a keyboard that composes and one that does not.
  const forms = ["Zürich im Regen", "Zu\u0308rich im Regen"].map((each) => readPassword(each, []))
  expect(forms[0]).toEqual(forms[1])
})

test("logins, names and addresses are read in one form, and refused with what to do", () => {
  const login = (text: string) => readLogin(text).ok && (readLogin(text) as { value: string }).value
  expect(["Ada", " ada@x.example ", "a", "-a", "a b", "", "é", "a\0", "a".repeat(101)].map(login)).toEqual([
    "ada",
    "ada@x.example",
    "a",
    false,
    false,
    false,
    false,
    false,
    false,
  ])
  expect([" Ada L. ", "王小明", "😀", "", " ", "a\nb", "a\u202eb", "x".repeat(101), "\ud800", "\u200b"].map((each) => readName(each).ok)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    false,
    false,
    false,
    false,
  ])
  expect(["A@B.example", "a@b", "@b", "a@", "a b@c", "a@b@c", "a\0@b"].map((each) => readEmail(each).ok)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ])
})

test("who may come in by single sign-on: group and domain, each compared whole, both needed when both are set", () => {
  const claims = { issuer: "i", subject: "s", name: undefined, email: "ada@stet.example", emailVerified: true, groups: ["team", "all"] }
  const open = { allowedGroups: [], allowedDomains: [], signUp: true, linkVerifiedEmail: false }
  const asked = (more: object, policy: object) => admit({ ...claims, ...more }, { ...open, ...policy }).ok
  const groups = { allowedGroups: ["team"] }
  const domains = { allowedDomains: ["Stet.Example"] }
  expect([asked({}, open), asked({ groups: undefined, email: undefined }, open)]).toEqual([true, true])
  expect([
    asked({}, groups),
    asked({ groups: ["teams"] }, groups),
    asked({ groups: ["TEAM"] }, groups),
    asked({ groups: [] }, groups),
    asked({ groups: undefined }, groups),
  ]).toEqual([true, false, false, false, false])
  const mails = [
    "ada@stet.example",
    "ada@evil-stet.example",
    "ada@stet.example.evil",
    "ada@x@evil.example",
    "ada@sub.stet.example",
    "stet.example",
    undefined,
  ]
  expect(mails.map((email) => asked({ email }, domains))).toEqual([true, false, false, false, false, true, false])
  expect(asked({ emailVerified: false }, domains)).toBe(false)
  expect([
    asked({}, { ...groups, ...domains }),
    asked({ groups: [] }, { ...groups, ...domains }),
    asked({ email: "a@b.c" }, { ...groups, ...domains }),
  ]).toEqual([true, false, false])
})

test("one goes back only to a place here", () => {
  for (const good of ["/", "/notebooks/a?b=c#d", "/a/..//b"]) expect(localPath(good)).toBe(good)
  const foreign = [
    "",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil",
    "https://evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/\n/evil",
    " //evil",
    "/a\\b",
    "evil.example",
    `/${"x".repeat(3000)}`,
  ]
  for (const bad of foreign) expect(localPath(bad)).toBe("/")
  for (const bad of foreign) expect(new URL(localPath(bad), "https://stet.example").origin).toBe("https://stet.example")
})

test("state, nonce and verifier are each their own, and a verifier as PKCE wants it", () => {
  const values = Object.values(flowValues("flow", (text) => `${text.length}`.padStart(64, "a")))
  expect(new Set(Object.values(flowValues("flow", (text) => text))).size).toBe(3)
  expect(values.every((each) => /^[A-Za-z0-9._~-]{43,128}$/.test(each))).toBe(true)
})

test("a record that is out of line, torn from the one before or changed is told apart", () => {
  const sha256 = (text: string) => `sha(${text})`
  const bare = {
    seq: 1,
    micros: "5",
    actor: null,
    via: "system",
    action: "a.b",
    thing: "x/1",
    outcome: "done",
    space: null,
    detail: '{"b": "é"}',
    previous: GENESIS,
    hash: "",
  }
  const record = { ...bare, hash: sha256(sealed(bare)) }
  const start = { seq: 0, hash: GENESIS }
  expect(sealed(bare)).toBe(`${GENESIS}\n["1","5",null,"system","a.b","x/1","done",null,"{\\"b\\": \\"é\\"}"]`)
  expect(faultOf(record, start, sha256)).toBeUndefined()
  expect(faultOf({ ...record, seq: 2 }, start, sha256)).toBe("record 1 is missing")
  expect(faultOf(record, { seq: 0, hash: "other" }, sha256)).toBe("record 1 does not follow the record before it")
  expect(faultOf({ ...record, thing: "x/2" }, start, sha256)).toBe("record 1 was changed")
})

test("whatever is recorded can be stored, and stays bounded", () => {
  expect(storable("a\0b\ud800")).toBe("a\u2400b\ufffd")
  expect([...storable("😀".repeat(500), 101)].at(-1)).toBe("…")
  expect(storable("😀".repeat(500), 101).isWellFormed()).toBe(true)
  expect(storableDetail({ "\0": "\0", list: ["\0"], n: 1 })).toBe('{"␀":"␀","list":["␀"],"n":1}')
  expect(storableDetail({ big: Array(5000).fill("xxxxxxxx") }).length).toBeLessThan(5000)
  expect([viaOf(undefined), viaOf(person), viaOf(withToken(["read"]))]).toEqual(["nobody", "session", "token/T"])
})
