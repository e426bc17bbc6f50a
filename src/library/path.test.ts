import fc from "fast-check"
import { expect, test } from "vitest"
import { stopwatch } from "#base/testing.ts"
import { NAUGHTY_TEXTS } from "#library/naughty.testing.ts"
import { foldersAbove, numbered, rebased, splitAddress, toFilePath, toFolder, toNotebookPath, toPath } from "#library/path.ts"

function problem(text: string): string {
  const path = toPath(text)
  return path.ok ? "none" : path.refusal.message.replace(/^.* cannot be a path: /s, "")
}

test.each([
  "a.ipynb",
  "reports/2026/Q3 sales.ipynb",
  "What is a p-value?.ipynb",
  "データ/売上.ipynb",
  "données/été.csv",
  "👩‍💻/notes.md",
  ".hidden/..data",
  "a/...b/c",
  "constant.ipynb",
  "com/port.csv",
  "%2e%2e/x",
  "~/x",
  "-rf",
])("%s is a path", (text) => {
  expect(toPath(text)).toEqual({ ok: true, value: text })
})

test.each([
  ["", "it is empty."],
  ["/etc/passwd", 'it starts with "/", and paths begin at their space.'],
  ["a/", 'it ends with "/", and a notebook or a file has a name.'],
  ["a//b", 'two "/" follow each other.'],
  [".", '"." is no name.'],
  ["..", '".." is no name.'],
  ["a/../b", '".." is no name.'],
  ["../root-evil", '".." is no name.'],
  ["a/./b", '"." is no name.'],
  ["..\\..\\x", 'it holds "\\": folders are separated by "/".'],
  ["C:/x", "it starts with the letter of a drive."],
  ["a\0b", "it holds the invisible character U+0000."],
  ["a\nb", "it holds the invisible character U+000A."],
  ["a\u202Efdp.exe", "it holds the invisible character U+202E."],
  ["\ufeffa", "it holds the invisible character U+FEFF."],
  ["a\u0085", "it holds the invisible character U+0085."],
  [" a", "one of its names begins or ends with a space."],
  ["a /b", "one of its names begins or ends with a space."],
  ["a./b", 'one of its names ends with ".", which some systems drop.'],
  ["NUL", '"NUL" is the name of a device on Windows.'],
  ["data/con.ipynb", '"con.ipynb" is the name of a device on Windows.'],
  ["x/.GIT/config", '".git" is kept for Git itself.'],
  ["reports/stet.yaml", '"stet.yaml" is kept for what an export says about itself.'],
  ["a\ud800", "it holds half of a character (a lone surrogate)."],
])("%j is not: %s", (text, why) => {
  expect(problem(text)).toBe(why)
})

test("lengths are counted in bytes of UTF-8, of a name and of the whole", () => {
  expect(problem(`${"a".repeat(255)}/${"b".repeat(255)}`)).toBe("none")
  expect(["a".repeat(256), "é".repeat(128)].map(problem)).toEqual(Array(2).fill("one of its names is longer than 255 bytes."))
  expect([`${"ab/".repeat(341)}abcd`, "é/".repeat(400)].map(problem)).toEqual(Array(2).fill("it is longer than 1024 bytes."))
})

test("two spellings that look alike are one path", () => {
  expect(toPath("e\u0301te\u0301.csv")).toEqual(toPath("\u00e9t\u00e9.csv"))
})

test("letter case counts", () => {
  expect(toPath("Data.csv")).not.toEqual(toPath("data.csv"))
})

test("a notebook's path ends in .ipynb, a file's does not", () => {
  expect(toNotebookPath("a.ipynb").ok).toBe(true)
  expect(toNotebookPath("a.IPYNB").ok).toBe(true)
  expect(toFilePath("a.csv").ok).toBe(true)
  const refusals = [toNotebookPath("a.py"), toNotebookPath(".ipynb"), toFilePath("a.ipynb"), toNotebookPath("a.ipynb/b")]
  expect(refusals.map((one) => !one.ok && one.refusal.message)).toEqual([
    `"a.py" cannot be a path: a notebook's path ends in .ipynb.`,
    `".ipynb" cannot be a path: a notebook's path ends in .ipynb.`,
    `"a.ipynb" cannot be a path: what ends in .ipynb is a notebook: save it as one, or give the file another ending.`,
    `"a.ipynb/b" cannot be a path: a notebook's path ends in .ipynb.`,
  ])
})

test("a folder may be the space itself, and may be written with a slash", () => {
  expect([toFolder(""), toFolder("a/b/"), toFolder("/")].map((one) => (one.ok ? one.value : "refused"))).toEqual(["", "a/b", "refused"])
})

test("what is above, what moves along, what comes next, what an address says", () => {
  expect(foldersAbove("a/b/c.ipynb")).toEqual(["a", "a/b"])
  expect(rebased("a/b/c", "a", "x/y")).toBe("x/y/b/c")
  expect(rebased("a/b", "", "x")).toBe("x/a/b")
  expect(numbered("a/sales.v2.ipynb", 3)).toBe("a/sales.v2 (3).ipynb")
  expect(numbered(".env", 2)).toBe(".env (2)")
  expect(splitAddress("sales/reports/q.ipynb")).toEqual({ space: "sales", path: "reports/q.ipynb" })
  expect([splitAddress("sales"), splitAddress("sales/"), splitAddress("/x")]).toEqual([undefined, undefined, undefined])
})

// What an attacker is after: that joining the path to a root leads out of it, on any system.
function leadsOut(path: string): boolean {
  const depth = (separator: RegExp) => {
    let at = 0
    for (const segment of path.split(separator)) {
      if (segment === "..") at--
      else if (segment !== "" && segment !== ".") at++
      if (at < 0) return true
    }
    return false
  }
  return depth(/\//) || depth(/[/\\]/) || /^[/\\]|^[A-Za-z]:|\0/.test(path)
}

const bricks = fc.constantFrom("..", ".", "/", "\\", "a", "C:", "\0", " ", "%2e", "．．", "\u202e", ":", "~", "con", "//", "é", "\ud800")
const hostile = fc.oneof(
  fc.array(bricks, { maxLength: 12 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(...NAUGHTY_TEXTS),
)

test("whatever is accepted stays inside, is text that every store keeps, and is accepted again as it is", () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const path = toPath(text)
      if (!path.ok) return path.refusal.message.length < 500 && !/[\0-\x1f]/.test(path.refusal.message)
      const again = toPath(path.value)
      return !leadsOut(path.value) && again.ok && again.value === path.value && new TextEncoder().encode(path.value).length <= 1024
    }),
    { numRuns: 20_000 },
  )
})

test("the search for what leads out would find it", () => {
  expect(["a/../../b", "..\\x", "/x", "a\0", "C:x"].every(leadsOut)).toBe(true)
  expect(["a/b", "..a/b", "a/.../b"].some(leadsOut)).toBe(false)
})

test("a path of megabytes is refused at once", () => {
  const texts = ["a/".repeat(5_000_000), "\u0301".repeat(10_000_000), " ".repeat(10_000_000)]
  // A repeated text is put together when it is first read, which is not what is timed.
  for (const text of texts) expect(/z$/.test(text)).toBe(false)
  const spentMs = stopwatch()
  expect(texts.filter((text) => toPath(text).ok)).toEqual([])
  expect(spentMs()).toBeLessThan(50)
})
