/** What modules have, asked of a real interpreter about a package that does all that packages do. Needs no package index. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { membersOf } from "#environment/adapters/members.ts"
import { testPython } from "#kernel/testing.ts"

const MODULE = `
import sys
print("hello from the package")
print("and its errors", file=sys.stderr)

def __getattr__(name):
    if name == "lazy": return 1
    if name == "needs_more": raise ImportError("load_boston is gone")
    raise AttributeError(name)

class Registry:
    def items(self): return []
class Proxy:
    def __getattr__(self, name): return lambda: 1
class Thing:
    registry = Registry()
    proxy = Proxy()
    later = None
`

const folder = mkdtempSync(join(tmpdir(), "stet-members-"))
beforeAll(() => {
  mkdirSync(join(folder, "stet_made"))
  writeFileSync(join(folder, "stet_made", "__init__.py"), MODULE)
  writeFileSync(join(folder, "stet_made", "below.py"), "x = 1\n")
  writeFileSync(join(folder, "stet_made", "gives.py"), "import stet_made\nstet_made.given = 1\n")
  writeFileSync(join(folder, "stet_made", "breaks.py"), "import stet_made_elsewhere\n")
  writeFileSync(join(folder, "stet_made", "ends.py"), "raise SystemExit(3)\n")
  writeFileSync(join(folder, "stet_made", "leaves.py"), "import os\nos._exit(3)\n")
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** "stet_made.below:x", with "()" behind what is called. */
async function has(...written: readonly string[]): Promise<readonly (boolean | undefined)[]> {
  const questions = written.map((one) => {
    const [module = "", path = ""] = one.replace("()", "").split(":")
    return { module, path: path === "" ? [] : path.split("."), called: one.endsWith("()") }
  })
  const answer = await membersOf(testPython() ?? "python3", { ...process.env, PYTHONPATH: folder }, questions)
  return questions.map(answer)
}

test("what is there and what is not, of modules, classes and objects", async () => {
  expect(await has("stet_made:Thing", "stet_made:lazy", "stet_made.below:x", "stet_made:Thing.registry.items()", "math:pi")).toEqual(
    Array.from({ length: 5 }, () => true),
  )
  expect(
    await has(
      "stet_made:gone",
      "stet_made:needs_more",
      "stet_made.gone",
      "stet_made:Thing.gone",
      "stet_made:Thing.registry.values()",
      "math:prodtw",
      "collections:Mapping",
    ),
  ).toEqual(Array.from({ length: 7 }, () => false))
})

test("no verdict where something may bring it later, or importing it fails otherwise", async () => {
  expect(
    await has(
      "stet_made:below",
      "stet_made:below.y",
      "stet_made:Thing.registry.values",
      "stet_made:Thing.proxy.gone()",
      "stet_made:Thing.later.log()",
      "stet_made.breaks:x",
      "stet_made.ends:x",
    ),
  ).toEqual([undefined, undefined, undefined, true, undefined, undefined, undefined])
})

test("all modules are imported before the first is asked", async () => {
  expect(await has("stet_made:given")).toEqual([false])
  expect(await has("stet_made:given", "stet_made.gives:stet_made")).toEqual([true, true])
})

test("what ends the interpreter takes no more than its answers with it, and nothing beside the notebook is imported", async () => {
  expect(await has("math:pi", "stet_made.leaves:x")).toEqual([undefined, undefined])
  expect(
    await membersOf("/no/such/python", process.env, [{ module: "math", path: ["pi"], called: false }]).then((answer) =>
      answer({ module: "math", path: ["pi"], called: false }),
    ),
  ).toBe(undefined)
  const marker = join(folder, "was-imported")
  writeFileSync(join(folder, "stet_beside.py"), `open(${JSON.stringify(marker)}, "w").close()\n`)
  const before = process.cwd()
  process.chdir(folder)
  try {
    const question = { module: "stet_beside", path: ["x"], called: false }
    const { PYTHONPATH: _, ...env } = process.env
    expect((await membersOf(testPython() ?? "python3", env, [question]))(question)).toBe(false)
    expect(existsSync(marker)).toBe(false)
  } finally {
    process.chdir(before)
  }
})
