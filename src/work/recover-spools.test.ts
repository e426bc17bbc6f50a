import { expect, test } from "vitest"
import type { Host } from "#work/ports.ts"
import { verdictOn } from "#work/recover-spools.ts"
import type { Left } from "#work/sql/left.ts"

const HOST: Host = { name: "here", pid: 100, isAlive: (pid) => pid === 7 || pid === 100, availableBytes: () => 1e9 }
const LEFT: Left = {
  state: "running",
  attempt: 1,
  fence: 1,
  isExpired: false,
  attemptState: "running",
  hasResult: false,
  worker: "other",
  workerHost: "here",
  workerPid: 7,
}

test.each<[string, Partial<Left>, string]>([
  ["a worker that lives looks after its own", {}, "leave"],
  ["one whose process is gone does not", { workerPid: 8 }, "take over"],
  ["nor one whose number is now ours: the machine began anew", { workerPid: 100 }, "take over"],
  ["of another machine only the lease tells", { workerHost: "there", workerPid: 8 }, "leave"],
  ["which says nothing of a process that lives here: PostgreSQL may have been away", { isExpired: true }, "leave"],
  ["when it has run out, it is dead", { workerHost: "there", isExpired: true }, "take over"],
  ["one that nobody knows is dead", { workerHost: null, workerPid: null }, "take over"],
  ["what we could not finish the last time is ours", { worker: "me" }, "take over"],
  ["declared lost, without a result: it is added", { state: "lost", attemptState: "lost", workerPid: 8 }, "complete"],
  ["even while the next attempt runs", { attempt: 2, attemptState: "lost", workerPid: 8 }, "complete"],
  ["but not under the hands of a worker that lives", { state: "lost", attemptState: "lost" }, "leave"],
  ["a spool whose result is stored is a leftover", { state: "succeeded", attemptState: "succeeded", hasResult: true }, "remove"],
])("%s", (_, change, verdict) => {
  expect(verdictOn({ ...LEFT, ...change }, { attempt: 1 }, { host: HOST, worker: "me", lives: undefined })).toBe(verdict)
})

test("what the process itself says outweighs all that the database has kept of it", () => {
  const said = (change: Partial<Left>, lives: boolean) => verdictOn({ ...LEFT, ...change }, { attempt: 1 }, { host: HOST, worker: "me", lives })
  expect(said({ workerHost: null, workerPid: null, isExpired: true }, true)).toBe("leave")
  expect(said({ workerHost: "there", isExpired: true }, true)).toBe("leave")
  expect(said({ workerPid: 100 }, true)).toBe("leave")
  expect(said({ state: "lost", attemptState: "lost", workerHost: null, workerPid: null }, true)).toBe("leave")
  expect(said({}, false)).toBe("take over")
  expect(said({ state: "lost", attemptState: "lost" }, false)).toBe("complete")
})
