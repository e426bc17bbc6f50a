import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { TOKENS } from "#page/index.ts"

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8")

function valuesIn(block: string): ReadonlyMap<string, string> {
  return new Map([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map(([, name = "", value = ""]) => [name, value]))
}

/** The first block of either sheet is the light one, the second the dark one. */
function block(sheet: string, at: 0 | 1): ReadonlyMap<string, string> {
  const blocks = sheet.split("}").filter((text) => /--paper:/.test(text))
  return valuesIn(blocks[at] ?? "")
}

test("the app and the pages that the server draws have the same colours, by day and in the dark", () => {
  for (const at of [0, 1] as const) {
    const [app, page] = [block(css, at), block(TOKENS, at)]
    expect(page.size).toBeGreaterThan(20)
    expect(Object.fromEntries([...page].map(([name]) => [name, app.get(name)]))).toEqual(Object.fromEntries(page))
  }
})

/** WCAG 2.2, 1.4.3: relative luminance of sRGB. */
function contrast(a: string, b: string): number {
  const light = (hex: string) => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((from) => {
      const part = Number.parseInt(hex.slice(from, from + 2), 16) / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const [high = 0, low = 0] = [light(a), light(b)].sort((x, y) => y - x)
  return (high + 0.05) / (low + 0.05)
}

test("text is told from what it stands on: ink for everybody, the rest at least as AA asks", () => {
  for (const at of [0, 1] as const) {
    const colours = block(css, at)
    const of = (name: string) => colours.get(name) ?? "#000000"
    for (const ground of ["paper", "surface", "sunk"]) {
      expect(contrast(of("ink"), of(ground))).toBeGreaterThan(7)
      for (const name of ["soft", "faint", "link", "running", "succeeded", "failed", "waiting", "lost", "amber", "pencil"])
        expect([name, ground, contrast(of(name), of(ground)) >= 4.5]).toEqual([name, ground, true])
    }
    expect(contrast(of("primary-ink"), of("pencil"))).toBeGreaterThanOrEqual(4.5)
  }
})
