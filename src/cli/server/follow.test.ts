import { expect, test } from "vitest"
import type { Client } from "#api/client.ts"
import { followLog } from "#cli/server/follow.ts"
import { systemTimers } from "#run/adapters/system.ts"

/** A run that goes on for ever, and prints a line whenever its log is looked at. */
function endless(): Client {
  const client = {
    call: async (_: string, { query }: { readonly query: { readonly offset: number } }) =>
      query.offset === seen ? { text: "", nextOffset: seen, eof: false } : { text: "a line\n", nextOffset: seen, eof: false },
    async *events() {
      for (;;) {
        seen++
        yield { event: "output" }
      }
    },
  }
  let seen = 1
  return client as unknown as Client
}

test("a log is followed only as long as somebody reads it", async () => {
  let written = 0
  let now = 0
  await followLog({
    client: endless(),
    run: "r",
    write: () => void written++,
    now: () => (now += 1000),
    timers: systemTimers,
    isUnread: () => written === 3,
  })
  expect(written).toBe(3)
})

/** Prints at once after the first look, then nothing until it is let go. */
function silent(letGo: Promise<void>): Client {
  const client = {
    call: async (_: string, { query: { offset } }: { readonly query: { readonly offset: number } }) => {
      const text = "first\nlast\n".slice(offset, seen)
      return { text, nextOffset: seen, eof: false }
    },
    async *events() {
      seen = 6
      yield { event: "output" }
      seen = 11
      yield { event: "output" }
      await letGo
    },
  }
  let seen = 0
  return client as unknown as Client
}

test("what is printed just before a long silence is shown before it is over", async () => {
  let letGo = () => {}
  const silence = new Promise<void>((resolve) => {
    letGo = resolve
  })
  let written = ""
  // Time stands still: each event comes too soon after the last look.
  const write = (text: string) => {
    written += text
    if (written.endsWith("last\n")) letGo()
  }
  await followLog({ client: silent(silence), run: "r", write, now: () => 0, timers: systemTimers, isUnread: () => false })
  expect(written).toBe("first\nlast\n")
})
