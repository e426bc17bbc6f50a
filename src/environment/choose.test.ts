import { expect, test } from "vitest"
import { describedKernel, programOf } from "#environment/argv.ts"
import { asDigest, choose, kernelFor, nameProblem, speaks } from "#environment/choose.ts"
import { pythonWanted } from "#environment/make.ts"
import type { InstalledKernel } from "#environment/ports.ts"
import { newest } from "#environment/resolve.ts"

const LISTED = { is: "listed", requirements: ["six"], requiresPython: "", specifier: [] } as const
const NAMED = { is: "named", name: "data" } as const
const NOTHING = { is: "nothing" } as const

test.each([
  ["asked", NAMED, "default", "run asked"],
  ["asked", LISTED, "", "run asked"],
  ["", NAMED, "default", "notebook data"],
  ["", LISTED, "default", "notebook listed"],
  ["", NOTHING, "default", "space default"],
  ["", NOTHING, "", "kernelspec kernel"],
])("asked %j, stated %j, default %j: %s", (asked, stated, byDefault, chosen) => {
  const choice = choose(asked, stated, byDefault)
  expect(`${choice.by} ${choice.want === "named" ? choice.name : choice.want}`).toBe(chosen)
})

const kernel = (name: string, language: string, argv = ["/opt/x/bin/python"]): InstalledKernel => ({
  name,
  displayName: name,
  language,
  argv,
  interruptMode: "signal",
  resourceDir: "/opt/x/share/jupyter/kernels/x",
})
const KERNELS = [kernel("conda-py", "python"), kernel("python3", "python"), kernel("ir", "R")]

test.each([
  ["conda-py", "python", "conda-py"],
  ["Python3", "", "python3"],
  ["python", "", "python3"],
  ["my-own-env", "python", "python3"],
  ["", "r", "ir"],
  ["", "", "python3"],
  ["julia-1.11", "julia", undefined],
  ["nothing", "", undefined],
])("a notebook for %j in %j runs in %j", (name, language, found) => {
  expect(kernelFor(name, language, KERNELS)?.name).toBe(found)
})

test("a digest is told from a name, and a name that looks like one may not be given", () => {
  const digest = "0123456789abcdef".repeat(4)
  expect([asDigest(digest), asDigest(`sha256:${digest}`), asDigest("data"), asDigest(digest.slice(1))]).toEqual([
    digest,
    digest,
    undefined,
    undefined,
  ])
  expect(nameProblem("data-2026.1_x")).toBeUndefined()
  expect(nameProblem("deadbeef")).toMatch(/looks like a digest/)
  for (const bad of ["", "../x", "a/b", ".hidden", "x".repeat(65), "a b", "ä", "a\n"]) expect(nameProblem(bad)).toMatch(/cannot name/)
})

test("a notebook runs under kernels of its language, whatever the version is called", () => {
  expect([speaks("python", "python3"), speaks("R", "r"), speaks("R", ""), speaks("R", "python")]).toEqual([true, true, true, false])
})

test("a name means what it was given last", () => {
  const labels = [
    { name: "data", sha256: "a", at: 1 },
    { name: "data", sha256: "b", at: 3 },
    { name: "data", sha256: "c", at: 2 },
  ]
  expect(newest(labels, "data")?.sha256).toBe("b")
  expect(newest(labels, "other")).toBeUndefined()
})

test("a wish for a Python may be a bare version", () => {
  const wanted = ["3.12", "3.12.4", ">=3.11", ""].map((text) => {
    const outcome = pythonWanted(text)
    return outcome.ok && outcome.value.requiresPython
  })
  expect(wanted).toEqual(["==3.12.*", "==3.12.4", ">=3.11", ""])
  expect(pythonWanted("latest")).toMatchObject({ ok: false, refusal: { refused: "bad_requirements" } })
})

test("the shape of a command line is the same wherever it lies", () => {
  const shape = (prefix: string) =>
    describedKernel({ ...kernel("x", "x", [`${prefix}/bin/python`, `${prefix}/k/start.py`, "{connection_file}"]), resourceDir: `${prefix}/k` }).argv
  expect(shape("/opt/a")).toEqual(["python", "{resource_dir}/start.py", "{connection_file}"])
  expect(shape("/home/b")).toEqual(shape("/opt/a"))
})

test.each([
  ["/usr/bin/python3.11", "python"],
  ["/opt/pypy3", "python"],
  ["/usr/bin/R", "R"],
  ["/usr/bin/Rscript", "R"],
  ["/usr/bin/deno", "other"],
  ["/usr/bin/python-wrapper", "other"],
])("%s is asked as %s", (path, kind) => {
  expect(programOf({ argv: [path] }).kind).toBe(kind)
})
