import fc from "fast-check"
import { expect, test } from "vitest"
import { StringSpan } from "#base/json.ts"
import type { Message } from "#kernel/index.ts"
import { Overlap } from "#run/overlap.ts"
import { redactor } from "#run/redact.ts"
import { messageOf } from "#run/testing.ts"

const SECRETS = ["s3cr3t-word", "s3cr3t", 'qu"te\\d é', "aabaab"]
const made = redactor(SECRETS, (message, content) => ({
  ...message,
  content: JSON.parse(new TextDecoder().decode(content)),
  frames: [message.frames[0], message.frames[1], message.frames[2], content],
}))!
const stream = (text: string, name = "stdout", parent = "r") => messageOf("iopub", "stream", { parent, content: { name, text } })
const status = (parent = "r") => messageOf("iopub", "status", { parent, content: { execution_state: "idle" } })
const told = (messages: readonly Message[]) =>
  messages.map(({ header, content }) => (header.msg_type === "stream" ? `${content["name"]}:${content["text"]}` : header.msg_type))
const hear = (...messages: readonly Message[]) => {
  const overlap = new Overlap(made)
  return [...messages.map((message) => told(overlap.hear(message))), told(overlap.end())]
}

test("a secret in two messages is blotted out; what may be its beginning waits for the next message, and nothing else does", () => {
  expect(hear(stream("the word: s3c"), stream("r3t-word!\n"), status())).toEqual([["stdout:the word: "], ["stdout:•••!\n"], ["status"], []])
  expect(hear(stream("pass"), stream("ports\n"))).toEqual([["stdout:pas"], ["stdout:sports\n"], []])
  expect(hear(stream("done: yes"), status())).toEqual([["stdout:done: ye"], ["stdout:s", "status"], []])
  expect(hear(stream("100 %\n"), stream("200 %\n"))).toEqual([["stdout:100 %\n"], ["stdout:200 %\n"], []])
})

test("what stands between two halves parts them, and the order stays; another cell's output does not", () => {
  expect(hear(stream("s3c"), stream("oh no", "stderr"), stream("r3t"))).toEqual([[], ["stdout:s3c", "stderr:oh no"], ["stdout:r3t"], []])
  expect(hear(stream("s3c"), stream("x\n", "stdout", "other"), status("other"), stream("r3t"), status())).toEqual([
    ...[[], ["stdout:x\n"], ["status"]],
    ...[[], ["stdout:•••", "status"], []],
  ])
  expect(hear(stream("to be continued s"))).toEqual([["stdout:to be continued "], ["stdout:s"]])
  // The reply comes by another way and says nothing of the order of output.
  expect(hear(stream("s3c"), messageOf("shell", "execute_reply", { parent: "r", content: {} }), stream("r3t\n"))).toEqual([
    [],
    ["execute_reply"],
    ["stdout:•••\n"],
    [],
  ])
})

test("a message without a trace of a secret passes as it is", () => {
  const overlap = new Overlap(made)
  const plain = stream("nothing to see\n")
  expect(overlap.hear(plain)[0]).toBe(plain)
})

test("a text that was left as bytes is searched too", () => {
  const message = stream('a "quoted" é s3cr3t s3')
  const start = '{"name":"stdout","text":"'.length
  const length = message.frames[3].length - start - 2
  const spanned = { ...message, content: { name: "stdout", text: new StringSpan(start, length, false) } }
  expect(hear(spanned, stream("x\n"))).toEqual([['stdout:a "quoted" é ••• '], ["stdout:s3x\n"], []])
})

test("however a text is cut into messages, what is told in all is the text with every secret blotted out", () => {
  const forms = SECRETS.flatMap((secret) => [
    secret,
    Buffer.from(secret).toString("hex"),
    Buffer.from(secret).toString("base64"),
    JSON.stringify(secret).slice(1, -1),
  ])
  const piece = fc.oneof(fc.constantFrom(...forms), fc.constantFrom("s", "s3", "s3cr3t-", "a", "ab", "aab", "é", " ", "word\n", "7"))
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 }), (parts, sizes) => {
      const whole = parts.join("").toWellFormed()
      const overlap = new Overlap(made)
      let said = ""
      const tell = (messages: readonly Message[]) => {
        for (const { content } of messages) said += content["text"]
      }
      for (let at = 0, i = 0; at < whole.length; i++) {
        const size = sizes[i % sizes.length]!
        tell(overlap.hear(stream(whole.slice(at, at + size))))
        at += size
      }
      tell(overlap.end())
      for (const secret of SECRETS) expect(said).not.toContain(secret)
      expect(said).toBe(made.text(whole))
    }),
    { numRuns: 2000 },
  )
})
