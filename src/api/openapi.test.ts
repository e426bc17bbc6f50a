import { expect, test } from "vitest"
import { CONTRACT, type Route } from "#api/contract.ts"
import { docsBody } from "#api/docs-page.ts"
import { openApi } from "#api/openapi.ts"

type Node = { readonly [key: string]: unknown }
const document = openApi({ version: "1.2.3", url: "https://stet.example" }) as Node
const text = JSON.stringify(document)

function* walk(value: unknown, path = "#"): Generator<readonly [string, Node]> {
  if (Array.isArray(value)) for (const [i, item] of value.entries()) yield* walk(item, `${path}/${i}`)
  else if (typeof value === "object" && value !== null) {
    yield [path, value as Node]
    for (const [key, item] of Object.entries(value)) yield* walk(item, `${path}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`)
  }
}

test("it is OpenAPI 3.1 with every route of the contract, each told wholly", () => {
  expect(document["openapi"]).toMatch(/^3\.1\./)
  const paths = document["paths"] as Record<string, Record<string, Node>>
  const ids = new Set<string>()
  for (const [name, route] of Object.entries<Route>(CONTRACT)) {
    const operation = paths[route.path]?.[route.method.toLowerCase()] as Node
    expect(operation, name).toBeDefined()
    expect(operation["operationId"]).toBe(name)
    expect(ids.has(name)).toBe(false)
    ids.add(name)
    expect(String(operation["summary"]).length).toBeGreaterThan(5)
    const holes = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, hole]) => hole)
    const told = (operation["parameters"] as Node[]).filter((one) => one["in"] === "path").map((one) => one["name"])
    expect(told.sort()).toEqual(holes.sort())
    for (const status of ["400", "429", "500"]) expect(Object.keys(operation["responses"] as Node)).toContain(status)
    if (route.auth !== "public") expect(Object.keys(operation["responses"] as Node)).toContain("401")
    expect(Object.keys(operation["responses"] as Node).filter((status) => status.startsWith("2")).length).toBeGreaterThan(0)
  }
  expect(ids.size).toBe(Object.keys(CONTRACT).length)
})

test("every reference leads somewhere, and every schema is one", () => {
  const schemas = (document["components"] as Node)["schemas"] as Node
  const TYPES = new Set(["string", "number", "integer", "boolean", "object", "array", "null"])
  const wrong: string[] = []
  for (const [path, node] of walk(document)) {
    const ref = node["$ref"]
    if (typeof ref === "string" && !Object.hasOwn(schemas, ref.replace("#/components/schemas/", ""))) wrong.push(`${path} → ${ref}`)
    if (!path.includes("schema") || path.endsWith("properties")) continue
    const type = node["type"]
    for (const one of Array.isArray(type) ? type : type === undefined ? [] : [type])
      if (typeof one === "string" && !TYPES.has(one) && !path.includes("securitySchemes") && !path.endsWith("/properties"))
        wrong.push(`${path} is ${one}`)
    // Generators want to know of what; `false`, as a tuple has it, they do not read.
    if (type === "array" && typeof node["items"] !== "object") wrong.push(`${path}/items`)
    if (typeof node["pattern"] === "string") new RegExp(node["pattern"], "u")
    if (node["required"] !== undefined && typeof node["required"] !== "boolean" && !Array.isArray(node["required"]) && !path.endsWith("/properties"))
      wrong.push(`${path}/required`)
  }
  expect(wrong).toEqual([])
  expect(text).not.toContain("$defs")
  expect(text).not.toContain("__schema")
})

test("what a text may be stands in its schema, and so does what a route can refuse by its size", () => {
  const { post: make, get: list } = (document["paths"] as Record<string, Record<string, Node>>)["/api/v1/spaces"]!
  const [, name] = [...walk(make)].find(([path]) => path.endsWith("/properties/name"))!
  const pattern = new RegExp(String(name["pattern"]), "u")
  expect(["sales", " a ", "", "  ", "a\nb", "\n", "a\u0085"].filter((text) => pattern.test(text))).toEqual(["sales", " a "])
  expect((list!["parameters"] as Node[])[0]).toMatchObject({
    name: "trashed",
    schema: { type: "string", enum: expect.arrayContaining(["true", "no"]) },
  })
  const refused = (operation: Node | undefined) =>
    Object.keys(operation!["responses"] as Node).filter((status) => status === "413" || status === "431")
  expect([refused(make), refused(list)]).toEqual([["413", "431"], ["431"]])
})

test("the page of documentation names every route and every shape, and asks nobody for anything", () => {
  const { markup } = docsBody("1.2.3", "https://stet.example")
  for (const [name, route] of Object.entries<Route>(CONTRACT)) {
    expect(markup).toContain(`id="${name}"`)
    expect(markup).toContain(`<code>${route.path}</code>`)
  }
  const links = [...markup.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)
  expect(links.length).toBeGreaterThan(50)
  for (const id of links) expect(markup).toContain(`id="${id}"`)
  expect(markup).not.toMatch(/<script|src=|onload|javascript:/)
})

test("no whole number that is asked for goes beyond what the database counts", () => {
  // Ids of notices, places in texts and of events, and what a test case expects: these are larger numbers there too.
  const larger = /inbox\/read|inbox\/[{]notice|\/events |\/log |\/tests\//u
  const beyond: string[] = []
  for (const [path, operations] of Object.entries(document["paths"] as Record<string, Record<string, Node>>)) {
    for (const [method, operation] of Object.entries(operations)) {
      for (const [, node] of walk([operation["parameters"], operation["requestBody"]]))
        if (node["type"] === "integer" && !(Number(node["maximum"]) <= 2_147_483_647) && !larger.test(`${path} `)) beyond.push(`${method} ${path}`)
    }
  }
  expect(beyond).toEqual([])
})

test("a body that may be left out is told so, and what is JSON is no text", () => {
  const of = (path: string, method: string) => ((document["paths"] as Node)[path] as Node)[method] as Node
  expect((of("/api/v1/notebooks/{notebook}/copy", "post")["requestBody"] as Node)["required"]).toBe(false)
  expect((of("/api/v1/runs", "post")["requestBody"] as Node)["required"]).toBe(true)
  const result = ((of("/api/v1/runs/{run}/result", "get")["responses"] as Node)["200"] as Node)["content"]
  expect(result).toEqual({ "application/x-ipynb+json": { schema: { type: "object" } } })
})
