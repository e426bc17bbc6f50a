import { readFileSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { desk } from "#cli/testing.ts"

const uv = join(process.env["STET_HOME"] || join(homedir(), ".stet"), "tools", "uv", "bin")
const at = desk({ PATH: `${process.env["PATH"]}:${uv}` })
afterAll(() => at.clear())

test("where there is none, the list says how one is made", async () => {
  expect(await at.stet("env", "list")).toMatchObject({ code: 0, out: expect.stringContaining("stet env build NAME") })
  expect(await at.stet("env", "list", "--json")).toMatchObject({ code: 0, out: "[]\n" })
})

test("what cannot be meant is refused in one sentence, before anything is made", async () => {
  at.write("requirements.txt", "six\n")
  at.notebook("bare.ipynb", "x = 1")
  at.notebook("broken.ipynb", "# /// script\n# dependencies = [\n# ///")
  const list = { cell_type: "code", id: "a", metadata: {}, source: "# /// script\n# dependencies = [\n# ///", outputs: [], execution_count: null }
  at.write("named.ipynb", JSON.stringify({ cells: [list], metadata: { stet: { environment: "x" } }, nbformat: 4, nbformat_minor: 5 }))
  const refusals: readonly (readonly [readonly string[], RegExp])[] = [
    [["frobnicate"], /there is no "stet env frobnicate"/],
    [["build"], /an environment needs a name/],
    [["build", "x"], /there is no list/],
    [["build", "x", "-r", "requirements.txt", "-n", "bare.ipynb"], /there are two lists/],
    [["build", "../x", "-r", "requirements.txt"], /"\.\.\/x" cannot name an environment/],
    [["build", "x", "-r", "requirements.txt", "--python", "newest"], /"newest" is no version of Python/],
    [["build", "x", "-r", "requirements.txt", "--python", ">=9"], /needs Python >=9, and this machine has/],
    [["build", "x", "-n", "bare.ipynb"], /carries no list/],
    [["build", "x", "-n", "broken.ipynb"], /is no TOML/],
    // The name that a notebook asks for does not stand in the way of its list.
    [["build", "x", "-n", "named.ipynb"], /is no TOML/],
    [["show"], /Which environment is meant is not said/],
    [["show", "nothing"], /There is no environment "nothing"/],
    [["lock", "nothing"], /There is no environment "nothing"/],
  ]
  for (const [words, why] of refusals) {
    const said = await at.stet("env", ...words)
    expect([words, said.code, said.out]).toEqual([words, 2, ""])
    expect(said.err).toMatch(why)
  }
  expect(await at.stet("env", "build", "x", "-r", "absent.txt")).toMatchObject({ code: 3, err: expect.stringContaining("absent.txt") })
  expect(await at.stet("env", "list", "--json")).toMatchObject({ out: "[]\n" })
})

test("needs the index: built, listed, shown, locked, and built again from its lock to the same digest", async () => {
  at.write("requirements.txt", "# one package\nsix\n")
  const built = await at.stet("env", "build", "tiny", "-r", "requirements.txt", "--json")
  expect(built).toMatchObject({ code: 0, err: expect.stringContaining("Installing") })
  const { sha256, prefix } = JSON.parse(built.out) as { readonly sha256: string; readonly prefix: string }
  expect(prefix).toBe(join(at.home, "environments", sha256))
  expect((await at.stet("env", "list")).out).toMatch(new RegExp(`tiny +${sha256.slice(0, 12)} +locked +python3 +CPython 3`))
  expect((await at.stet("env", "show", sha256.slice(0, 8), "--verify")).out).toMatch(/\nsix +1\./)
  expect(await at.stet("env", "lock", "tiny", "-o", "tiny.lock")).toMatchObject({ code: 0, out: "" })
  expect(readFileSync(join(at.folder, "tiny.lock"), "utf8")).toMatch(/^six==1\.\S+ \\\n {4}--hash=sha256:[0-9a-f]{64}/m)
  const again = await at.stet("env", "build", "again", "-r", "tiny.lock", "--json")
  expect(JSON.parse(again.out)).toMatchObject({ sha256 })
  expect(JSON.parse((await at.stet("env", "list", "--json")).out)).toMatchObject([{ sha256, names: ["again", "tiny"], kind: "locked", built: true }])
})
