import { expect, test } from "vitest"
import type { Json } from "#base/json.ts"
import { dismissing, findingId, findingKey, mayDismiss } from "#notebook/analysis/dismissal.ts"
import { python } from "#notebook/analysis/testing.ts"
import { analystFor, type Finding, type Notebook } from "#notebook/index.ts"

async function found(notebook: Notebook): Promise<readonly Finding[]> {
  return (await analystFor(notebook)).readiness(notebook).findings
}

async function one(notebook: Notebook, rule: string): Promise<Finding> {
  const finding = (await found(notebook)).find((each) => each.rule === rule)
  if (!finding) throw new Error(`nothing was found by ${rule}`)
  return finding
}

/** The notebook with the finding let stand, or taken up again. */
function letStand(notebook: Notebook, finding: Finding, reason: string | undefined): Notebook {
  const put = <Thing extends { readonly metadata: object }>(thing: Thing) => {
    const { stet: _, ...rest } = thing.metadata as { readonly stet?: Json }
    const stet = dismissing(thing.metadata as never, finding, reason)
    return { ...thing, metadata: stet === undefined ? rest : { ...rest, stet } }
  }
  if (finding.cell === "") return put(notebook) as Notebook
  return { ...notebook, cells: notebook.cells.map((cell) => (cell.id === finding.cell ? put(cell) : cell)) } as Notebook
}

test("a finding that is let stand is told with its reason, and is open again when that is taken back", async () => {
  const notebook = python("print(total)")
  const finding = await one(notebook, "undefined_name")
  const left = letStand(notebook, finding, "It is set by the launcher.")
  expect(await one(left, "undefined_name")).toEqual({ ...finding, dismissed: "It is set by the launcher." })
  expect(letStand(left, finding, undefined)).toEqual(notebook)
})

test("it stays let stand while cells move, and another sentence is another finding", async () => {
  const notebook = python("print(total)", "x = 1", "total = 3")
  const left = letStand(notebook, await one(notebook, "used_before_defined"), "Cell 3 runs first here.")
  const moved = { ...left, cells: [...left.cells.slice(1, 2), ...left.cells.slice(0, 1), ...left.cells.slice(2)] } as Notebook
  expect((await one(moved, "used_before_defined")).dismissed).toBe("Cell 3 runs first here.")
  const renamed = { ...left, cells: left.cells.map((cell) => ({ ...cell, source: cell.source.replace("total", "sum_of") })) } as Notebook
  expect((await one(renamed, "used_before_defined")).dismissed).toBeUndefined()
})

test("what is about the whole notebook is let stand in the notebook's own metadata, beside what is there", async () => {
  const plain = python("print(1)")
  const notebook = { ...plain, metadata: { ...plain.metadata, stet: { environment: "data" } } } as Notebook
  const finding = await one(notebook, "no_parameters")
  const left = letStand(notebook, finding, "Nothing to set.")
  expect(left.metadata["stet"]).toEqual({ environment: "data", dismissed: { [findingKey(finding)]: "Nothing to set." } })
  expect((await one(left, "no_parameters")).dismissed).toBe("Nothing to set.")
  expect(letStand(left, finding, undefined)).toEqual(notebook)
})

test("an empty reason, and metadata of another shape, let nothing stand", async () => {
  const notebook = python("print(total)")
  const finding = await one(notebook, "undefined_name")
  for (const stet of [
    { dismissed: { [findingKey(finding)]: " " } },
    { dismissed: { [findingKey(finding)]: 1 } },
    { dismissed: [] },
    7,
    { dismissed: { __proto__: "x" } },
  ]) {
    const given = { ...notebook, cells: notebook.cells.map((cell) => ({ ...cell, metadata: { stet } })) } as unknown as Notebook
    expect((await one(given, "undefined_name")).dismissed).toBeUndefined()
  }
})

test("a secret that certainly is one is not let stand, whatever the notebook says", async () => {
  const key = "-----BEGIN RSA PRIVATE KEY-----"
  const notebook = python(`key = """${key}\n${"A".repeat(80)}"""`)
  const finding = await one(notebook, "secret")
  const left = letStand(notebook, finding, "It is an example.")
  expect([mayDismiss(finding), (await one(left, "secret")).dismissed]).toEqual(
    finding.certainty === "verified" ? [false, undefined] : [true, "It is an example."],
  )
  expect(mayDismiss({ rule: "secret", certainty: "verified" })).toBe(false)
  expect(mayDismiss({ rule: "secret", certainty: "guess" })).toBe(true)
})

test("an id names a finding among all cells, the same in every run of the program", () => {
  const finding = { rule: "undefined_name", why: "No cell defines `np`.", cell: "c1" } as const
  expect(findingId(finding)).toBe("c1/undefined_name-e321d676")
  expect(findingId({ ...finding, why: "Used in cell 3." })).toBe(findingId({ ...finding, why: "Used in cell 12." }))
})
