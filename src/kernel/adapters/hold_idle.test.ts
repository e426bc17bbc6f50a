import { setTimeout as sleep } from "node:timers/promises"
import { expect, test } from "vitest"
import { idleHolder } from "#kernel/adapters/hold_idle.ts"
import type { Message } from "#kernel/ports.ts"

const bytes = new Uint8Array()
const say = (channel: Message["channel"], msg_type: string, parentId: string, content = {}): Message => ({
  channel,
  header: { msg_id: "", msg_type, session: "", username: "", date: "", version: "" },
  parentId,
  metadata: {},
  content,
  buffers: [],
  frames: [bytes, bytes, bytes, bytes],
})
const idle = (parentId: string) => say("iopub", "status", parentId, { execution_state: "idle" })

test("idle comes after the output that overtook it, and a reply does not wait", async () => {
  const passed: string[] = []
  const holder = idleHolder(({ header, parentId }) => passed.push(`${header.msg_type} ${parentId}`))
  holder.take(say("iopub", "stream", "a"))
  holder.take(idle("a"))
  holder.take(say("shell", "execute_reply", "a"))
  for (let i = 0; i < 6; i++) {
    await sleep(15)
    holder.take(say("iopub", "stream", "a"))
  }
  expect(passed).not.toContain("status a")
  await sleep(120)
  expect(passed).toEqual(["stream a", "execute_reply a", ...Array(6).fill("stream a"), "status a"])
  holder.take(idle("b"))
  holder.flush()
  expect(passed.at(-1)).toBe("status b")
})
