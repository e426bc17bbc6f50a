import { expect, test } from "vitest"
import { chooseAccount, namespaceCommand, parseUsers } from "#database/embedded/account.ts"

const PASSWD = `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
ann:x:1000:1000:Ann,,,:/home/ann:/bin/zsh

broken line`

const users = parseUsers(PASSWD)
const root = { uid: 0, isNamed: true, users, namespaces: true }

test("users are read from their file", () => {
  expect(users).toContainEqual({ name: "nobody", uid: 65534, gid: 65534 })
  expect(users).toHaveLength(4)
})

test("an ordinary user runs the server", () => {
  expect(chooseAccount({ ...root, uid: 1000 })).toEqual({ kind: "self" })
})

test("root is hidden in a namespace, as somebody whom strangers are not taken for", () => {
  const account = chooseAccount(root)
  expect(account).toEqual({ kind: "namespace", name: "daemon", uid: 1, gid: 1 })
  expect(namespaceCommand({ uid: 1, gid: 1 })).toEqual(["unshare", "--user", "--map-user=1", "--map-group=1", "--"])
  const withPostgres = [...users, { name: "postgres", uid: 70, gid: 70 }]
  expect(chooseAccount({ ...root, users: withPostgres })).toMatchObject({ kind: "namespace", name: "postgres" })
})

test("root without namespaces drops to an unprivileged user", () => {
  expect(chooseAccount({ ...root, namespaces: false })).toEqual({ kind: "other", name: "nobody", uid: 65534, gid: 65534 })
})

test("a number without a name needs a namespace", () => {
  expect(chooseAccount({ ...root, uid: 4242, isNamed: false })).toMatchObject({ kind: "namespace", name: "daemon" })
  expect(chooseAccount({ ...root, uid: 4242, isNamed: false, namespaces: false })).toEqual({
    kind: "none",
    why: "the user 4242 we run as has no name on this machine, and user namespaces are not allowed here",
  })
})

test("root on a machine with nobody else is refused", () => {
  expect(chooseAccount({ ...root, users: [], namespaces: false })).toEqual({
    kind: "none",
    why: "it may not run as root, and this machine has no unprivileged user (postgres or nobody) to run it as",
  })
})
