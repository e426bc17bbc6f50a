import { expect, test } from "vitest"
import { Fault } from "#base/fault.ts"
import { isRetryable, retrying, toFault, troubleOf } from "#database/trouble.ts"

const coded = (code: string, message = "m") => Object.assign(new Error(message), { code })

test.each([
  ["40001", "conflict"],
  ["40P01", "conflict"],
  ["55P03", "conflict"],
  ["57P01", "away"],
  ["25P03", "away"],
  ["25P04", "away"],
  ["25P02", "other"],
  ["57P03", "away"],
  ["08006", "away"],
  ["53300", "away"],
  ["ECONNREFUSED", "away"],
  ["ENOENT", "away"],
  ["53100", "full"],
  ["23505", "other"],
  ["42P01", "other"],
  ["57014", "other"],
  ["28P01", "shut"],
  ["3D000", "shut"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "shut"],
])("%s is trouble of the kind %s", (code, kind) => {
  expect(troubleOf(coded(code))).toBe(kind)
})

test("what the driver says in words alone is understood", () => {
  for (const message of [
    "Connection terminated unexpectedly",
    "Query read timeout",
    "timeout exceeded when trying to connect",
    "Connection terminated due to connection timeout",
  ])
    expect(troubleOf(new Error(message))).toBe("away")
  expect(troubleOf(new Error("x"))).toBe("other")
  expect(troubleOf(undefined)).toBe("other")
})

test("absence and a full disk become faults that name a remedy; other errors stay", () => {
  expect(toFault(coded("ECONNREFUSED", "connect ECONNREFUSED /run"))).toMatchObject({
    name: "Fault",
    code: "database_unreachable",
    retry: "later",
    message: "The database cannot be reached (connect ECONNREFUSED /run).",
  })
  expect(toFault(coded("53100", 'could not extend file "base/5/6": No space left on device'))).toMatchObject({ code: "disk_full", retry: "later" })
  expect(toFault(coded("25006", "cannot execute INSERT in a read-only transaction"))).toMatchObject({
    code: "disk_full",
    message: "The database takes no changes, because its disk is nearly full or it is a standby (cannot execute INSERT in a read-only transaction).",
  })
  expect(toFault(coded("28P01", 'password authentication failed for user "ann"'))).toMatchObject({ code: "database_unreachable", retry: "never" })
  expect(toFault(coded("ECONNREFUSED", ""))).toMatchObject({ message: "The database cannot be reached (ECONNREFUSED)." })
  const other = coded("23505")
  expect(toFault(other)).toBe(other)
  const fault = new Fault("busy", "busy")
  expect(toFault(fault)).toBe(fault)
})

test("a fault that may pass is tried again, one that may not is not", () => {
  expect(isRetryable(toFault(coded("57P01")))).toBe(true)
  expect(isRetryable(new Fault("database_unreachable", "no PostgreSQL here"))).toBe(false)
  expect(isRetryable(toFault(coded("53100")))).toBe(false)
})

test("work is done again until it succeeds, fails for good, or patience ends", async () => {
  const failing = (codes: string[]) => {
    let calls = 0
    const work = () => {
      const code = codes[calls++]
      return code ? Promise.reject(coded(code)) : Promise.resolve(calls)
    }
    return { work, calls: () => calls }
  }
  const patience = { tries: 3, pauseMs: 1 }
  expect(await retrying(failing(["40001", "57P01"]).work, patience)).toBe(3)
  const forGood = failing(["40001", "23505"])
  await expect(retrying(forGood.work, patience)).rejects.toMatchObject({ code: "23505" })
  expect(forGood.calls()).toBe(2)
  const endless = failing(["40001", "40001", "40001", "40001"])
  await expect(retrying(endless.work, patience)).rejects.toMatchObject({ code: "40001" })
  expect(endless.calls()).toBe(3)
})
