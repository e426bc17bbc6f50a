/** As whom PostgreSQL runs: it refuses to be root. */
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { userInfo } from "node:os"
import { promisify } from "node:util"

const run = promisify(execFile)

/**
 * `self`: as the user we are. `namespace`: in a user namespace of its own, in which we are seen as somebody else; outside,
 * its files stay ours, so that it works below a private folder. `other`: as an unprivileged user, who must own the data.
 */
export type Account =
  | { readonly kind: "self" }
  | { readonly kind: "namespace"; readonly uid: number; readonly gid: number; readonly name: string }
  | { readonly kind: "other"; readonly uid: number; readonly gid: number; readonly name: string }
  | { readonly kind: "none"; readonly why: string }

export type User = { readonly name: string; readonly uid: number; readonly gid: number }

export type AccountFacts = {
  readonly uid: number
  /** Whether our own number has a name: some containers run as one that has none, and PostgreSQL asks for it. */
  readonly isNamed: boolean
  /** /etc/passwd. */
  readonly users: readonly User[]
  /** Whether user namespaces can be made. */
  readonly namespaces: boolean
}

export function chooseAccount({ uid, isNamed, users, namespaces }: AccountFacts): Account {
  if (uid !== 0 && isNamed) return { kind: "self" }
  const mask = firstOf(users, MASKS)
  if (namespaces && mask) return { kind: "namespace", ...mask }
  const stranger = firstOf(users, STRANGERS)
  if (uid === 0 && stranger) return { kind: "other", ...stranger }
  return uid === 0
    ? { kind: "none", why: "it may not run as root, and this machine has no unprivileged user (postgres or nobody) to run it as" }
    : { kind: "none", why: `the user ${uid} we run as has no name on this machine, and user namespaces are not allowed here` }
}

// In the namespace everybody but us is seen as "nobody", so that one is the last choice: the server could not tell us apart.
const MASKS = ["postgres", "daemon", "bin", "nobody"]
const STRANGERS = ["postgres", "nobody"]

function firstOf(users: readonly User[], names: readonly string[]): User | undefined {
  return names.flatMap((name) => users.filter((user) => user.name === name && user.uid !== 0))[0]
}

/** The command in front of a program that puts it into a user namespace. */
export function namespaceCommand({ uid, gid }: { readonly uid: number; readonly gid: number }): readonly string[] {
  return ["unshare", "--user", `--map-user=${uid}`, `--map-group=${gid}`, "--"]
}

export async function accountFacts(): Promise<AccountFacts> {
  const uid = process.getuid?.() ?? 1
  const users = readUsers()
  const mask = firstOf(users, MASKS)
  const isNamed = hasName()
  const needsOne = uid === 0 || !isNamed
  return { uid, isNamed, users, namespaces: needsOne && mask !== undefined && (await canUnshare(mask)) }
}

async function canUnshare(mask: User): Promise<boolean> {
  const [program = "", ...rest] = namespaceCommand(mask)
  return run(program, [...rest, "true"]).then(
    () => true,
    () => false,
  )
}

function hasName(): boolean {
  try {
    return userInfo().username !== ""
  } catch {
    return false
  }
}

function readUsers(): readonly User[] {
  try {
    return parseUsers(readFileSync("/etc/passwd", "utf8"))
  } catch {
    return []
  }
}

export function parseUsers(passwd: string): readonly User[] {
  return passwd.split("\n").flatMap((line) => {
    const [name = "", , uid, gid] = line.split(":")
    return name && /^\d+$/.test(uid ?? "") && /^\d+$/.test(gid ?? "") ? [{ name, uid: Number(uid), gid: Number(gid) }] : []
  })
}
