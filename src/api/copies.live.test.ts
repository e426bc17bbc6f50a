/** Runs are found by what is shown of them; results and versions become notebooks. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { type ApiTest, apiTest, ipynb, type Someone } from "#api/testing.ts"
import { error, scriptedKernels, stdout } from "#kernel/adapters/scripted.ts"

let api: ApiTest
let editor: Someone
let viewer: Someone
let notebook: string
let good: string
let failed: string

beforeAll(async () => {
  api = await apiTest()
  editor = await api.someone("Ada Editor", "editor")
  viewer = await api.someone("Vera Viewer", "viewer")
  const kernels = scriptedKernels(
    { "1 / 0": error("ZeroDivisionError", "division by 100%_zero"), "print(1)": stdout("1\n") },
    { kernels: { python3: "python" } },
  )
  await api.platform.worker({ kernels, kernelName: "python3" })
  notebook = await put("reports/Q3.ipynb", ipynb('# parameters\nregion = "EU"', "print(1)"))
  good = await run(notebook, { parameters: { region: "Antarctica" }, labels: { team: "polar" } })
  failed = await run(await put("broken.ipynb", ipynb("1 / 0")))
})
afterAll(() => api.close())

async function put(path: string, bytes: Uint8Array): Promise<string> {
  const made = await api.ask("POST", `/api/v1/notebooks?space=team&path=${encodeURIComponent(path)}`, { as: editor, bytes })
  return made.json.notebook.id
}

async function run(of: string, more: object = {}): Promise<string> {
  const { json } = await api.ask("POST", "/api/v1/runs", { as: editor, json: { notebook: of, ...more } })
  await api.platform.until(json.id)
  return json.id
}

async function found(text: string, as = editor): Promise<readonly string[]> {
  const { json } = await api.ask("GET", `/api/v1/runs?text=${encodeURIComponent(text)}`, { as })
  return json.items.map(({ id }: { readonly id: string }) => id)
}

test("runs are found by their notebook, person, values, labels and error, and by nothing else", async () => {
  expect(await found("q3")).toEqual([good])
  expect(await found("ada")).toEqual([failed, good])
  expect(await found("antarct")).toEqual([good])
  expect(await found("polar")).toEqual([good])
  expect(await found("ZeroDivision")).toEqual([failed])
  expect(await found(good)).toEqual([good])
  expect(await found("no such thing")).toEqual([])
})

test("what means something to LIKE is meant as it stands", async () => {
  expect(await found("100%_zero")).toEqual([failed])
  expect(await found("100_%zero")).toEqual([])
  expect(await found("%")).toEqual([failed])
  expect(await found("\\")).toEqual([])
})

test("the error of a notebook that hides its code is found by nobody who could then guess it", async () => {
  const hidden = await put("hidden.ipynb", ipynb("1 / 0"))
  const id = await run(hidden)
  expect(await found("ZeroDivision", viewer)).toContain(id)
  await api.ask("PUT", `/api/v1/notebooks/${hidden}/code`, { as: await api.someone("Root", "administrator"), json: { isHidden: true } })
  expect(await found("ZeroDivision", viewer)).not.toContain(id)
  // Who may edit it sees its code anyway.
  expect((await api.ask("POST", `/api/v1/runs/${id}/copy`, { as: editor, json: {} })).status).toBe(201)
  expect((await api.ask("POST", `/api/v1/runs/${id}/copy`, { as: viewer, json: {} })).status).toBe(403)
})

test("a result becomes a notebook beside its own, with its outputs, and a second one gets a number", async () => {
  const made = await api.ask("POST", `/api/v1/runs/${good}/copy`, { as: editor, json: {} })
  expect([made.status, made.json.path, made.json.owner.name]).toEqual([201, "reports/Q3 result.ipynb", "Ada Editor"])
  const { text } = await api.ask("GET", `/api/v1/notebooks/${made.json.id}/content`, { as: editor })
  expect(text).toContain("Antarctica")
  expect(JSON.parse(text).cells.at(-1).outputs[0]).toMatchObject({ output_type: "stream" })
  const again = await api.ask("POST", `/api/v1/runs/${good}/copy`, { as: editor, json: {} })
  expect(again.json.path).toBe("reports/Q3 result (2).ipynb")
  const elsewhere = await api.ask("POST", `/api/v1/runs/${good}/copy`, { as: editor, json: { path: "kept.ipynb" } })
  expect(elsewhere.json.path).toBe("kept.ipynb")
  expect((await api.ask("POST", `/api/v1/runs/${good}/copy`, { as: editor, json: { path: "kept.ipynb" } })).status).toBe(409)
})

test("whoever may only read makes no copy where they may not edit; what is not there is not there", async () => {
  expect((await api.ask("POST", `/api/v1/runs/${good}/copy`, { as: viewer, json: {} })).status).toBe(403)
  expect((await api.ask("POST", "/api/v1/runs/01ARZ3NDEKTSV4RRFFQ69G5FAV/copy", { as: editor, json: {} })).status).toBe(404)
  expect((await api.ask("POST", `/api/v1/runs/${good}/copy`, { as: editor, json: { attempt: 7 } })).json.code).toBe("no_such_attempt")
})

test("a copy can begin as an older version", async () => {
  await api.ask("PUT", `/api/v1/notebooks/${notebook}/content`, { as: editor, bytes: ipynb("print(2)") })
  const old = await api.ask("POST", `/api/v1/notebooks/${notebook}/copy`, { as: editor, json: { version: 1, path: "old.ipynb" } })
  const { text } = await api.ask("GET", `/api/v1/notebooks/${old.json.id}/content`, { as: editor })
  expect([old.status, text.includes("print(1)"), text.includes("print(2)")]).toEqual([201, true, false])
  expect((await api.ask("POST", `/api/v1/notebooks/${notebook}/copy`, { as: editor, json: { version: 9 } })).json.code).toBe("no_such_version")
})
