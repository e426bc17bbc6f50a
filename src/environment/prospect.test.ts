import { expect, test } from "vitest"
import { canonical, type Description } from "#environment/description.ts"
import type { Manifest } from "#environment/ports.ts"
import { othersThan, prospectOf, withoutIt } from "#environment/prospect.ts"
import type { EnvironmentWorld } from "#environment/world.ts"
import type { Notebook } from "#notebook/index.ts"

const what = (kind: Description["kind"], packages: Readonly<Record<string, string>>, language = "python"): Description =>
  ({
    format: 1,
    kind,
    kernel: { name: "python3", displayName: "Python 3", language, argv: ["python"], interruptMode: "signal" },
    interpreter: { name: "CPython", version: "3.12.4" },
    platform: { os: "linux", machine: "x86_64", libc: "glibc" },
    packages: Object.entries(packages).map(([name, version]) => ({ name, version })),
  }) as unknown as Description
/** Digests that can be read: what they hold. */
const manifestOf = (of: Description): Manifest => ({ sha256: digestOf(canonical(of)), what: of, requirements: [], madeAt: 0 })
const digestOf = (text: string) =>
  [...text]
    .reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 2 ** 48, 7)
    .toString(16)
    .padStart(64, "0")

const had = manifestOf(what("locked", { numpy: "1.0", pandas: "2.0" }))
const spare = manifestOf(what("locked", { numpy: "2.0" }))
const inR = manifestOf(what("locked", {}, "R"))
const installed = manifestOf(what("captured", { numpy: "1.5" }))

function world(labels: Readonly<Record<string, string>>, recalled?: string): EnvironmentWorld {
  const all = [had, spare, inR, installed]
  return {
    machine: {
      sha256: digestOf,
      read: async (sha256: string) => all.find((one) => one.sha256 === sha256),
      write: async () => undefined,
      labels: async () => Object.entries(labels).map(([name, sha256], at) => ({ name, sha256, at })),
      placeOf: async () => undefined,
      interpreters: async () => [{ python: "/usr/bin/python3", name: "CPython", version: "3.12.4", platform: had.what.platform }],
      capture: async () => installed.what,
      recall: async () => recalled,
    } as never,
    kernels: async () => [{ name: "python3", displayName: "Python 3", language: "python", argv: [], interruptMode: "signal", resourceDir: "" }],
    clock: { now: () => 0 } as never,
    mayCompile: false,
  }
}
const notebook = (stet: object = {}): Notebook =>
  ({ nbformat: 4, nbformat_minor: 5, cells: [], metadata: { kernelspec: { name: "python3", language: "python" }, stet } }) as unknown as Notebook

test("one that looks as if it could be built, and could not, is gone; what the notebook asks for is no way out where that is the same one", async () => {
  const at = world({ data: had.sha256, spare: spare.sha256 })
  expect(await prospectOf(at, had.sha256, notebook())).toEqual({ is: "to_build", name: "python3" })
  const instead = async (stet: object, of = at) => (await withoutIt(of, had.sha256, notebook(stet))).instead
  expect(await instead({})).toEqual({ name: "python3", differences: ["numpy 1.0 → 1.5", "pandas is gone"] })
  expect(await instead({ environment: "data" })).toBeUndefined()
  expect(await instead({ environment: "spare" })).toEqual({ name: "spare", differences: ["numpy 1.0 → 2.0", "pandas is gone"] })
  expect(await instead({ requirements: ["pandas"] }, world({}, had.sha256))).toBeUndefined()
  expect(await instead({ requirements: ["pandas"] }, world({}, spare.sha256))).toMatchObject({ name: expect.stringContaining("locked anew") })
})

test("the others are those with a name, and installed kernels, in the notebook's language, each once and without the one it had", async () => {
  const others = await othersThan(world({ data: had.sha256, spare: spare.sha256, again: spare.sha256, r: inR.sha256 }), had.sha256, notebook())
  expect(others.map(({ name, environment, differences }) => [name, environment, differences])).toEqual([
    ["spare", spare.sha256, ["numpy 1.0 → 2.0", "pandas is gone"]],
    ["python3", installed.sha256, ["numpy 1.0 → 1.5", "pandas is gone"]],
  ])
})
