import { expect, test } from "vitest"
import { hasFileAmong } from "#notebook/analysis/among.ts"
import { python, rules } from "#notebook/analysis/testing.ts"

test("files and folders beside the notebook are there, others are not, and nothing is said of what lies elsewhere", () => {
  const has = hasFileAmong(["sales/data/eu.csv", "top.csv", "sales/naïve.csv"], "sales")
  const paths = ["data/eu.csv", "./data", "data/", "../top.csv", "../sales/data/eu.csv", ".", "naïve.csv".normalize("NFD")]
  expect(paths.map(has)).toEqual(paths.map(() => true))
  expect(["eu.csv", "dat", "top.csv", "../gone.csv", "data/eu.csv/x"].map(has)).toEqual([false, false, false, false, false])
  const elsewhere = ["/data/eu.csv", "~/eu.csv", "../../eu.csv", "C:\\eu.csv", "https://example.com/eu.csv", "Other.ipynb"]
  expect(elsewhere.map(has)).toEqual(elsewhere.map(() => undefined))
  expect([".", "gone.csv"].map(hasFileAmong([], ""))).toEqual([true, false])
})

test("where only a folder's files are known, nothing else is said not to be there", () => {
  const has = hasFileAmong(["sales/eu.csv", "top.csv"], "sales", "sales")
  expect(["eu.csv", "gone.csv", "deep/gone.csv", "../top.csv", "../gone.csv", "..", "../salesx/gone.csv"].map(has)).toEqual([
    true,
    false,
    false,
    true,
    undefined,
    true,
    undefined,
  ])
})

test("a module that the notebook writes itself may be there by then", async () => {
  const [modules, hasFile] = [new Set(["sys"]), hasFileAmong([], "")]
  const certain = async (...cells: string[]) => (await rules(python(...cells), { modules, hasFile })).includes("missing_import c2:1!")
  expect(await certain("x = 'gone'", "import gone")).toBe(true)
  expect(await certain("!git clone https://example.com/gone/other", "import gone")).toBe(true)
  for (const cell of ["%%writefile gone.py\nx = 1", "!git clone https://example.com/a/gone.git", "open('gone.py', 'w').write('x = 1')"])
    expect([cell, await certain(cell, "import gone")]).toEqual([cell, false])
})

test("an import is certain to fail only where the notebook brings nothing from other folders", async () => {
  const modules = new Set(["sys"])
  expect(await rules(python("import gone"), { modules })).toContain("missing_import c1:1!")
  const told = await rules(python("import sys\nsys.path.append('../lib')", "import gone"), { modules })
  expect(told).toContain("missing_import c2:1")
  expect(told).not.toContain("missing_import c2:1!")
})
