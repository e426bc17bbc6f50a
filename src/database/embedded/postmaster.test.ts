import { expect, test } from "vitest"
import { isPostmaster, parsePidFile, processFacts } from "#database/embedded/postmaster.ts"

// As PostgreSQL 18 wrote it.
const TEXT = "15317\n/home/ann/.stet/postgres\n1795636417\n5432\n/home/ann/.stet/run\n\n    65548         1\nready   \n"
const DATA = "/home/ann/.stet/postgres"

test("the server's file is read", () => {
  expect(parsePidFile(TEXT)).toEqual({ pid: 15317, dataDir: DATA, startedAt: 1795636417, socketDir: "/home/ann/.stet/run", status: "ready" })
})

test.each(["", "15317", "15317\n/data\n", "-15317\n/data\n1\n5432\n/run\n", "x\n/data\n1\n"])("a file that is not yet whole is none: %j", (text) => {
  expect(parsePidFile(text)).toBeUndefined()
})

const file = parsePidFile(TEXT) as NonNullable<ReturnType<typeof parsePidFile>>
const found = { program: "postgres", workingFolder: DATA, born: "boot 100" }
const note = { pid: 15317, born: "boot 100" }

test("the server is the PostgreSQL that works in the directory and began when ours did", () => {
  expect(isPostmaster(file, DATA, { found, note })).toBe(true)
  expect(isPostmaster(file, DATA, { found })).toBe(true)
  // The note of an earlier server says nothing about this one.
  expect(isPostmaster(file, DATA, { found, note: { pid: 9, born: "boot 1" } })).toBe(true)
})

test.each([
  ["nobody has the number", undefined],
  ["another program has it", { ...found, program: "sleep" }],
  ["the server of another directory has it", { ...found, workingFolder: "/var/lib/postgresql/18/main" }],
  ["we may not see who has it", { program: "", workingFolder: "", born: "boot 100" }],
  ["it began at another time than ours", { ...found, born: "boot 101" }],
  ["it is of another start of the machine", { ...found, born: "reboot 100" }],
])("it is not the server when %s", (_, facts) => {
  expect(isPostmaster(file, DATA, { found: facts, note })).toBe(false)
})

test("a process is seen as it is, and one that is gone is not", () => {
  expect(processFacts(process.pid)).toMatchObject({ program: expect.stringMatching(/^node/), workingFolder: process.cwd() })
  expect(processFacts(process.pid)?.born).toBe(processFacts(process.pid)?.born)
  expect(processFacts(99_999_999)).toBeUndefined()
})
