import { expect, test } from "vitest"
import { Fault, isFault, toError } from "#base/fault.ts"

test("a fault carries its code, its remedy and what caused it", () => {
  const cause = new Error("ENOSPC")
  const fault = new Fault("disk_full", "the disk is full", { cause, remedy: "free some space", retry: "later" })
  expect(fault).toMatchObject({ name: "Fault", code: "disk_full", message: "the disk is full", remedy: "free some space", retry: "later", cause })
  expect(new Fault("busy", "busy")).toMatchObject({ retry: "never", remedy: "" })
})

test("a fault is told from other errors", () => {
  expect(isFault(new Fault("busy", "busy"))).toBe(true)
  expect(isFault(new Error("busy"))).toBe(false)
  expect(isFault({ name: "Fault" })).toBe(false)
})

test("whatever was thrown becomes an error", () => {
  const error = new TypeError("no")
  expect(toError(error)).toBe(error)
  expect(toError("no").message).toBe("no")
})
