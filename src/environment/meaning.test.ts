import { expect, test } from "vitest"
import { type Meaning, type Meanings, meaningOf, type Wish } from "#environment/meaning.ts"

const digest = (letter: string) => letter.repeat(64)
const locked = (letter: string): Meaning => ({ sha256: digest(letter), since: 5, kind: "locked" })
const captured = (letter: string): Meaning => ({ sha256: digest(letter), since: 7, kind: "captured" })
const known: Meanings = { labels: new Map([["data", locked("a")]]), kernels: new Map([["python3", captured("b")]]) }
const wish = (want: Wish["want"], name = "", language = "python"): Wish => ({ want, name, language })
const said = (of: Wish, inSpace?: string) =>
  meaningOf(of, known, inSpace === undefined ? undefined : { sha256: digest("d"), language: inSpace, kind: "locked" })?.sha256.slice(0, 1) ?? "-"

test("a name means what it was given last, a digest itself, a kernel what it was found to be", () => {
  expect([
    said(wish("named", "data")),
    said(wish("named", "python3")),
    said(wish("named", `sha256:${digest("c")}`)),
    said(wish("named", "nothing")),
    said(wish("kernel", "python3")),
    said(wish("kernel", "python")),
    said(wish("kernel", "ir", "R")),
  ]).toEqual(["a", "b", "c", "-", "b", "b", "-"])
})

test("a space's default is for the notebooks that it fits, and only for those that name none; a list stays what it was locked to", () => {
  expect([said(wish("kernel", "python3"), "python"), said(wish("kernel", "python3"), "R"), said(wish("named", "data"), "python")]).toEqual([
    "d",
    "b",
    "a",
  ])
  expect(said(wish("listed"), "python")).toBe("-")
})
