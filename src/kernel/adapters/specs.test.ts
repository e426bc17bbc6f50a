import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { findSpecs } from "#kernel/adapters/specs.ts"

const root = mkdtempSync(join(tmpdir(), "stet-specs-"))
afterAll(() => rmSync(root, { recursive: true, force: true }))

function file(path: string, text: string, mode = 0o644): string {
  const whole = join(root, path)
  mkdirSync(dirname(whole), { recursive: true })
  writeFileSync(whole, text)
  chmodSync(whole, mode)
  return whole
}

const spec = (path: string, argv: readonly string[]) => file(`${path}/kernel.json`, JSON.stringify({ argv, display_name: path, language: "x" }))
const find = (env: Record<string, string>, managed?: string) => findSpecs({ HOME: join(root, "home"), PATH: join(root, "bin"), ...env }, managed)

test("the first hit of a name wins, broken ones are passed over and reported", () => {
  file("bin/tool", "", 0o755)
  spec("one/kernels/a", ["tool", "1"])
  spec("two/kernels/A", ["tool", "2"])
  spec("two/kernels/b", ["tool", "3"])
  file("one/kernels/b/kernel.json", "{")
  spec("one/kernels/gone", ["no-such-program"])
  spec("one/kernels/bad name", ["tool"])
  mkdirSync(join(root, "one/kernels/empty"), { recursive: true })
  const { specs, problems } = find({ JUPYTER_PATH: `${root}/one:${root}/two` })
  expect([specs.get("a")?.argv, specs.get("b")?.argv]).toEqual([
    [`${root}/bin/tool`, "1"],
    [`${root}/bin/tool`, "3"],
  ])
  expect([specs.has("gone"), specs.has("bad name"), specs.has("empty")]).toEqual([false, false, false])
  expect(problems.filter((problem) => problem.startsWith(root))).toEqual([
    expect.stringMatching(/one\/kernels\/b\/kernel\.json is not/),
    expect.stringMatching(/gone.*program that is not there: no-such-program/),
  ])
})

test("a bare python is that of the environment the kernelspec lies in, else the first on the PATH", () => {
  file("env/bin/python3", "", 0o755)
  file("bin/python3", "", 0o755)
  spec("env/share/jupyter/kernels/mine", ["python", "-m", "x", "{prefix}"])
  spec("data/kernels/theirs", ["python3.12", "-m", "x"])
  spec("data/kernels/absolute", [`${root}/bin/python3`])
  const { specs } = find({ JUPYTER_PATH: `${root}/env/share/jupyter:${root}/data` })
  expect(specs.get("mine")?.argv).toEqual([`${root}/env/bin/python3`, "-m", "x", `${root}/env`])
  expect(specs.get("theirs")?.argv[0]).toBe(`${root}/bin/python3`)
  expect(specs.get("absolute")?.argv[0]).toBe(`${root}/bin/python3`)
})

test("python3 is there without a kernelspec when an interpreter has ipykernel, the managed one first", () => {
  const managed = file("managed/bin/python3", "", 0o755)
  file("managed/lib/python3.12/site-packages/ipykernel_launcher.py", "")
  const builtIn = find({}, managed).specs.get("python3")
  if (builtIn?.resourceDir === "") expect(builtIn.argv).toEqual([managed, "-m", "ipykernel_launcher", "-f", "{connection_file}"])
  else expect(builtIn?.resourceDir).toMatch(/^\/usr/)
  spec("managed/share/jupyter/kernels/extra", ["python"])
  expect(find({}, managed).specs.get("extra")?.argv).toEqual([managed])
})
