import { expect, test } from "vitest"
import type { Place } from "#kernel/confine.ts"
import { fileRules, restrictArguments } from "#kernel/landlock.ts"

const PLACES: readonly Place[] = [
  { kind: "bind", path: "/usr", isWritable: false },
  { kind: "bind", path: "/etc/resolv.conf", isWritable: false },
  { kind: "bind", path: "/scratch/1", isWritable: true },
  { kind: "bind", path: "/gone", isWritable: false },
  { kind: "link", path: "/bin", target: "usr/bin" },
  { kind: "dev", path: "/dev" },
  { kind: "tmpfs", path: "/tmp", mode: 0o1777 },
  { kind: "tmpfs", path: "/run", mode: 0o755 },
]
const isDirectory = (path: string) => (path === "/gone" ? undefined : path !== "/etc/resolv.conf")
const [READ_FILE, READ_DIR, EXECUTE, WRITE_FILE, REMOVE_FILE, REFER, TRUNCATE] = [4, 8, 1, 2, 32, 8192, 16384]

test("what a sandbox would show is opened as it would be there: read, written, or not at all", () => {
  const { handled, rules } = fileRules(PLACES, 7, isDirectory)
  const access = Object.fromEntries(rules.map((rule) => [rule.path, rule.access]))
  expect(Object.keys(access)).toEqual(["/usr", "/etc/resolv.conf", "/scratch/1", "/dev", "/tmp"])
  expect(access["/usr"]).toBe(READ_FILE | READ_DIR | EXECUTE)
  // A rule for a file may speak of nothing that only directories have: Linux would refuse it.
  expect(access["/etc/resolv.conf"]).toBe(READ_FILE | EXECUTE)
  expect([access["/scratch/1"], access["/tmp"]]).toEqual([handled, handled])
  expect((access["/dev"] ?? 0) & (WRITE_FILE | REMOVE_FILE)).toBe(WRITE_FILE)
})

test("an older Linux is asked only for what it knows", () => {
  expect([1, 2, 3, 6].map((abi) => fileRules([], abi, isDirectory).handled & (REFER | TRUNCATE))).toEqual([
    0,
    REFER,
    REFER | TRUNCATE,
    REFER | TRUNCATE,
  ])
  expect([1, 5, 6, 7].map((abi) => fileRules([], abi, isDirectory).scoped)).toEqual([0, 0, 3, 3])
  for (const abi of [1, 2, 3])
    for (const { access } of fileRules(PLACES, abi, isDirectory).rules) expect(access & ~fileRules([], abi, isDirectory).handled).toBe(0)
})

test("on a command line every rule is two words, whatever its path holds", () => {
  const words = restrictArguments("/usr/bin/perl", { handled: 15, scoped: 3, rules: [{ path: "/data/a b'\n$c", access: 4 }] })
  expect(words.slice(-6)).toEqual(["--", "15", "3", "1", "4", "/data/a b'\n$c"])
})
