import { expect, test } from "vitest"
import { redactor } from "#run/redact.ts"
import { messageOf } from "#run/testing.ts"

const SECRET = 'pa"ss\\wörd-42'
const made = redactor([SECRET, "abc"], (message, content) => ({
  ...message,
  content: JSON.parse(new TextDecoder().decode(content)),
  frames: [message.frames[0], message.frames[1], message.frames[2], content],
}))!
const said = (text: string) => made.message(messageOf("iopub", "stream", { parent: "r", content: { name: "stdout", text } }))

test.each([
  ["as it is", SECRET],
  ["base64", Buffer.from(SECRET).toString("base64").replace(/=+$/, "")],
  ["hexadecimal", Buffer.from(SECRET).toString("hex")],
  ["percent-encoded", encodeURIComponent(SECRET)],
  ["inside JSON text", JSON.stringify(SECRET).slice(1, -1)],
])("a secret printed %s is blotted out, in the content and in the bytes", (_, printed) => {
  const message = said(`before ${printed} and ${printed} after`)
  expect(message.content["text"]).toBe("before ••• and ••• after")
  expect(Buffer.from(message.frames[3]).includes(Buffer.from(printed))).toBe(false)
})

test("what holds no secret passes untouched, and words too short to be told apart are left", () => {
  const message = messageOf("iopub", "stream", { parent: "r", content: { name: "stdout", text: "abc is fine" } })
  expect(made.message(message)).toBe(message)
  expect(redactor(["abc"], (one) => one)).toBeUndefined()
})

test("plain text is blotted alike", () => expect(made.text(`x ${SECRET} y`)).toBe("x ••• y"))
