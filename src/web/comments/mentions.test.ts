import { expect, test } from "vitest"
import { namedIn, typingAt, withName } from "#web/comments/mentions.ts"

const typing = (text: string) => typingAt(text.replace("|", ""), text.indexOf("|"))

test("a name is being typed after an @ that begins a word, up to its second space", () => {
  expect(typing("ask @|")).toEqual({ from: 4, query: "" })
  expect(typing("@Ad|")).toEqual({ from: 0, query: "Ad" })
  expect(typing("(@Ada L|ovelace)")).toEqual({ from: 1, query: "Ada L" })
  expect(typing("see\n@王|")).toEqual({ from: 4, query: "王" })
  for (const none of ["a@b|", "@ |", "@Ada Lovelace says|", "nothing|", "@Ada\nx|", "@@|x"]) expect([none, typing(none)]).toEqual([none, undefined])
})

test("the chosen name replaces what was typed, and the caret stands behind it", () => {
  const { text, caret } = withName("ask @ad, please", { from: 4, query: "ad" }, { id: "1", name: "Ada Lovelace" })
  expect([text, text.slice(0, caret)]).toEqual(["ask @Ada Lovelace , please", "ask @Ada Lovelace "])
  expect(withName("ask @ad please", { from: 4, query: "ad" }, { id: "1", name: "Ada" }).text).toBe("ask @Ada please")
})

test("who was chosen and taken out again is not named", () => {
  const ada = { id: "1", name: "Ada" }
  const ben = { id: "2", name: "Ben" }
  expect(namedIn("thanks @Ada and @Ada", [ada, ben, ada])).toEqual(["1"])
})
