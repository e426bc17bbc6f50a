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
  ["by Python's repr", 'pa"ss\\\\wörd-42'],
  ["by Python's ascii", 'pa"ss\\\\w\\xf6rd-42'],
  ["as the repr of its bytes", 'pa"ss\\\\w\\xc3\\xb6rd-42'],
  ["in a shell's double quotes", 'pa\\"ss\\\\wörd-42'],
  ["in HTML", "pa&quot;ss\\wörd-42"],
  ["in base 64 for addresses", Buffer.from(SECRET).toString("base64url")],
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

test.each([0, 1, 2, 3, 4, 5])("a secret that is a part of what is in base 64, %i bytes into it, cannot be read from it", (before) => {
  const printed = Buffer.from(`${"u".repeat(before)}${SECRET}:more`).toString("base64")
  const { content } = said(printed)
  expect(content["text"]).toContain("•••")
  expect(Buffer.from(String(content["text"]).split("•••").at(-1) ?? "", "base64").toString()).not.toContain("42")
})

test("a key of several lines is blotted out line by line, and with both kinds of quotes in a repr", () => {
  const key = `it's "one" key\nsecond line of it\r\nthird`
  const many = redactor([key], (message, content) => ({ ...message, content: JSON.parse(new TextDecoder().decode(content)) }))!
  const told = (text: string) => many.message(messageOf("iopub", "stream", { parent: "r", content: { name: "stdout", text } })).content["text"]
  expect(told("a second line of it b")).toBe("a ••• b")
  expect(told(`['it\\'s "one" key\\nsecond line of it\\r\\nthird']`)).toBe("['•••']")
  expect(told("'it'\"'\"'s \"one\" key'")).toBe("'•••'")
})
