import { readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { expect, test } from "vitest"

// The order is the flow of data. A row may also import itself and every row's door (index.ts) named here.
const MAY_IMPORT: Record<string, readonly string[]> = {
  base: [],
  database: ["base"],
  notebook: ["base"],
  case: ["base", "notebook"],
  kernel: ["base"],
  page: ["base", "notebook"],
  draft: ["base", "notebook"],
  people: ["base", "database"],
  library: ["base", "database", "notebook", "case", "draft", "people"],
  environment: ["base", "database", "notebook", "setup/door.mjs"],
  run: ["base", "notebook", "kernel"],
  work: ["base", "database", "notebook", "case", "kernel", "people", "library", "environment", "run"],
  template: ["base", "database", "notebook", "case", "people", "library", "environment", "run", "work"],
  api: [
    "base",
    "database",
    "notebook",
    "case",
    "kernel",
    "page",
    "draft",
    "people",
    "library",
    "environment",
    "run",
    "work",
    "template",
    "work/session-view.ts",
  ],
  cli: [
    "base",
    "notebook",
    "case",
    "kernel",
    "page",
    "environment",
    "run",
    "template/evidence.ts",
    "api/contract.ts",
    "api/client.ts",
    "api/live.ts",
  ],
  web: ["base", "notebook", "draft", "page/parts.ts", "api/contract.ts", "api/client.ts", "api/live.ts"],
}
// What a room may enter of another one beside its index.ts.
const DOORS = new Set([
  "page/parts.ts",
  "api/contract.ts",
  "api/client.ts",
  "api/live.ts",
  "template/evidence.ts",
  "work/session-view.ts",
  "setup/door.mjs",
])
const EDGES = new Set([
  "stet.ts",
  "server.ts",
  "worker.ts",
  "start.ts",
  "configuration.ts",
  "home.ts",
  "supervise.ts",
  "platform.ts",
  "backup-blobs.ts",
  "doctor.ts",
  "first-start.ts",
  "migrated.ts",
  "worlds.ts",
  "part.ts",
  "browser.ts",
  "tended.ts",
])
// Parsers and data structures that are pure themselves.
const PURE_PACKAGES = [
  /^@lezer\//,
  /^lezer-r$/,
  /^@plutojl\/lezer-julia$/,
  /^web-tree-sitter$/,
  /^yaml$/,
  /^markdown-it$/,
  /^katex$/,
  /^sanitize-html$/,
  /^anser$/,
  /^jpeg-js\//,
  /^yjs$/,
]
const PURE = new Set(["base", "notebook", "case", "kernel", "page", "draft", "run", "people", "library", "environment", "work", "template"])
// Rooms that keep their state in PostgreSQL write their queries with these; the connection itself is handed in.
const QUERY_PACKAGES = [/^kysely$/, /^zod$/]
const KEEPS_STATE = new Set(["people", "library", "environment", "work", "template"])

const root = new URL(".", import.meta.url).pathname
const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name))

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8")
  return [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^"'\n]*?(?:\n[^"']*?)?from\s+["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)|(?:^|\n)import\s+["']([^"']+)["']/g,
    ),
  ].map((m) => m[1] ?? m[2] ?? m[3] ?? "")
}

function complaint(file: string, imported: string): string | undefined {
  const [room = ""] = file.split("/")
  const isTest = /\.test\.tsx?$|testing\.tsx?$|\.bench\.ts$/.test(file)
  const isEdge = !file.includes("/")
  const isAdapter = file.includes("/adapters/")
  if (imported.startsWith(".")) return "relative import"
  if (imported.startsWith("#")) {
    const [target = "", ...rest] = imported.slice(1).split("/")
    if (isEdge || target === room) {
      if (target === room && imported.includes("/adapters/") && !isAdapter && !isTest) return "an adapter is chosen only at the edge"
      return isEdge && !EDGES.has(file) && !isTest ? "unknown edge file" : undefined
    }
    if (isTest) return MAY_IMPORT[room] ? undefined : "unknown room"
    const door = imported.slice(1)
    if (DOORS.has(door)) return MAY_IMPORT[room]?.includes(door) ? undefined : `${room} may not import ${door}`
    if (!MAY_IMPORT[room]?.includes(target)) return `${room} may not import ${target}`
    if (imported.includes("/adapters/") && !(isAdapter && target === "base")) return "an adapter is chosen only at the edge"
    if (target !== "base" && rest.join("/") !== "index.ts") return "side door: import the module's index.ts"
    return undefined
  }
  if (isTest || isEdge || isAdapter || !PURE.has(room)) return undefined
  if (imported.startsWith("node:")) return "node: in the pure core"
  const allowed = KEEPS_STATE.has(room) ? [...PURE_PACKAGES, ...QUERY_PACKAGES] : PURE_PACKAGES
  return allowed.some((each) => each.test(imported)) ? undefined : `package ${imported} in the pure core`
}

test("every import follows the table of ARCHITECTURE.md", () => {
  const complaints = files.flatMap((file) =>
    importsOf(file).flatMap((imported) => {
      const said = complaint(file, imported)
      return said ? [`${relative(".", file)} → ${imported}: ${said}`] : []
    }),
  )
  expect(complaints).toEqual([])
})

test("the table would notice", () => {
  expect(complaint("notebook/read.ts", "#kernel/index.ts")).toMatch(/may not import/)
  expect(complaint("run/drive.ts", "#kernel/frames.ts")).toMatch(/side door/)
  expect(complaint("run/drive.ts", "#run/adapters/disk.ts")).toMatch(/edge/)
  expect(complaint("cli/run.ts", "#kernel/adapters/zmq.ts")).toMatch(/edge/)
  expect(complaint("notebook/read.ts", "node:fs")).toMatch(/pure core/)
  expect(complaint("notebook/read.ts", "zeromq")).toMatch(/pure core/)
  expect(complaint("notebook/read.ts", "./write.ts")).toMatch(/relative/)
  expect(importsOf("architecture.test.ts")).toContain("node:fs")
})
