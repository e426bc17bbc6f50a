import { expect, test } from "vitest"
import { foreign, tamed } from "#cli/foreign.ts"

const RED = "\x1b[31mred\x1b[39m"
const TERMINAL = { isTerminal: true, colours: true }

test("colours stay where they may be used, and go where not", () => {
  expect([tamed(RED, true), tamed(RED, false)]).toEqual([RED, "red"])
})

test.each([
  ["a clipboard", "\x1b]52;c;cm0gLXJm\x07after"],
  ["a title, ended by ST", "\x1b]0;title\x1b\\after"],
  ["a title that the next sequence ends", "\x1b]0;title\x1b[31m\x1b[2Jafter"],
  ["a cleared screen", "\x1b[2J\x1b[Hafter"],
  ["a device's status", "\x1b[6nafter"],
  ["a reset", "\x1bcafter"],
  ["a character set", "\x1b(0after"],
  ["a device control string", "\x1bP1$r0m\x1b\\after"],
  ["an escape alone", "\x1b\x01after"],
  ["bells, backspaces and the eight-bit ones", "\x07\b\x9b2J\x7fafter"],
])("%s does not reach a terminal", (_, text) => {
  expect(tamed(text, false).replace("2J", "")).toBe("after")
  expect(tamed(text, true).replace("2J", "").replace("\x1b[31m", "")).toBe("after")
})

test("text of all languages, tabs, line ends and the carriage return of a bar stay", () => {
  const text = "größer 東京 مرحبا 🎉\tx\r\n 50%\r100%\n"
  expect(tamed(text, true)).toBe(text)
})

test("a sequence that comes in pieces is one, however it is cut", () => {
  const text = `before \x1b]52;c;aGk=\x07${RED}\x1b[2J after`
  for (let cut = 0; cut <= text.length; cut++) {
    const take = foreign(TERMINAL)
    expect(take(text.slice(0, cut)) + take(text.slice(cut))).toBe(`before ${RED} after`)
  }
})

test("a sequence that never ends swallows no more than a little", () => {
  const take = foreign(TERMINAL)
  const shown = ["\x1b]0;", "x".repeat(5000), "the rest"].map(take).join("")
  expect(shown).toMatch(/the rest$/)
})

test("a file or a pipe gets every byte", () => {
  const text = `\x1b]0;title\x07${RED}\x07`
  expect(foreign({ isTerminal: false, colours: false })(text)).toBe(text)
})
