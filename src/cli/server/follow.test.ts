import { expect, test } from "vitest"
import type { Client } from "#api/client.ts"
import { followLog } from "#cli/server/follow.ts"

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
  await followLog({ client: endless(), run: "r", write: () => void written++, now: () => (now += 1000), isUnread: () => written === 3 })
  expect(written).toBe(3)
})
