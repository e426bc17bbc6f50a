/** Frames and libraries as the real server answers for them. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { sql } from "kysely"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type ApiTest, apiTest, type Someone } from "#api/testing.ts"
import type { InstalledKernel, Machine } from "#environment/index.ts"

let api: ApiTest
let viewer: Someone
const DIGEST = "ab".repeat(32)
let built: string | undefined
const kernels: InstalledKernel[] = []
beforeAll(async () => {
  api = await apiTest({}, (world) => ({
    ...world,
    environment: { ...world.environment, kernels: async () => kernels, machine: machineOf(world.environment.machine) },
  }))
  viewer = await api.someone("Vera", "viewer")
})
afterAll(() => api.close())

/** One on which an environment was built and named. */
function machineOf(machine: Machine): Machine {
  return {
    ...machine,
    labels: async () => [{ name: "drawing", sha256: DIGEST, at: 1 }],
    placeOf: async (sha256) => (sha256 === DIGEST && built !== undefined ? { prefix: built, jupyterPath: undefined } : undefined),
  }
}

test("a library is found in an environment that was built, by its name and by its digest, and in no other", async () => {
  const folder = await mkdtemp(join(tmpdir(), "stet-libraries-"))
  try {
    const scripts = join(folder, "lib", "python3.12", "site-packages", "bokeh", "server", "static", "js")
    await mkdir(scripts, { recursive: true })
    await writeFile(join(scripts, "bokeh.min.js"), "window.Bokeh = {}")
    const asked = async (environment: string) =>
      api.ask("GET", `/api/v1/libraries?environment=${environment}&path=bokeh/server/static/js/bokeh.min.js`, { as: viewer })
    expect((await asked("drawing")).status).toBe(404)
    built = folder
    for (const named of ["drawing", DIGEST, `sha256:${DIGEST}`]) expect((await asked(named)).text).toBe("window.Bokeh = {}")
    for (const named of ["painting", "cd".repeat(32), "..%2Fdrawing"]) expect((await asked(named)).status).toBe(404)
  } finally {
    built = undefined
    await rm(folder, { recursive: true, force: true })
  }
})

test("a notebook that names none finds them where a run of it would run: in its space's default before its kernel's, for whoever may read it", async () => {
  const [folder, ofKernel] = await Promise.all(["default", "kernel"].map((name) => mkdtemp(join(tmpdir(), `stet-libraries-${name}-`))))
  const { db } = api.platform.database
  const put = async (prefix: string, text: string) => {
    const extension = join(prefix, "share", "jupyter", "nbextensions", "jupyter-drawn")
    await mkdir(extension, { recursive: true })
    await writeFile(join(extension, "index.js"), text)
  }
  try {
    await Promise.all([put(folder ?? "", "of the space"), put(ofKernel ?? "", "of the kernel")])
    kernels.push({
      name: "drawn",
      displayName: "Drawn",
      language: "python",
      argv: [join(ofKernel ?? "", "bin", "python")],
      interruptMode: "signal",
      resourceDir: "",
    })
    const document = { cells: [], metadata: { kernelspec: { name: "drawn", language: "python" } }, nbformat: 4, nbformat_minor: 5 }
    const editor = await api.someone("Edith", "editor")
    const bytes = new TextEncoder().encode(JSON.stringify(document))
    const notebook = (await api.ask("POST", "/api/v1/notebooks?space=team&path=drawn.ipynb", { as: editor, bytes })).json.notebook.id
    const asked = async (query: string, as = viewer) =>
      (await api.ask("GET", `/api/v1/libraries?path=nbextensions/jupyter-drawn/index.js&kernel=drawn${query}`, { as })).text
    expect(await asked(`&notebook=${notebook}`)).toBe("of the kernel")
    const what = { kernel: { name: "python3", displayName: "Python", language: "python", argv: [], interruptMode: "signal" } }
    await sql`INSERT INTO environment (sha256, name, kind, what, created_at) VALUES (${DIGEST}, 'drawing', 'locked', ${JSON.stringify(what)}::jsonb, now())`.execute(
      db,
    )
    await sql`UPDATE space SET default_environment = ${DIGEST} WHERE name = 'team'`.execute(db)
    built = folder
    expect(await asked(`&notebook=${notebook}`)).toBe("of the space")
    expect(await asked(`&notebook=${notebook}&environment=unknown`)).toBe("of the space")
    expect(await asked("")).toBe("of the kernel")
    expect(await asked(`&notebook=${notebook}`, await api.someone("Nobody"))).toBe("of the kernel")
  } finally {
    built = undefined
    await sql`UPDATE space SET default_environment = NULL WHERE name = 'team'`.execute(db)
    await Promise.all([folder, ofKernel].map((each) => rm(each ?? "", { recursive: true, force: true })))
  }
})

test("the frame's document answers anybody, under its own policy and no other", async () => {
  const asked = await api.ask("GET", "/frames/output", {})
  expect(asked.status).toBe(200)
  const policy = String(asked.headers["content-security-policy"])
  expect(policy).toMatch(/^sandbox allow-scripts; default-src 'none'/)
  expect(policy).toContain("frame-ancestors 'self'")
  expect(asked.headers["x-frame-options"]).toBe("SAMEORIGIN")
  expect(asked.headers["set-cookie"]).toBeUndefined()
})

test("a library is text, of an installed kernel's environment, to somebody who is signed in", async () => {
  const folder = await mkdtemp(join(tmpdir(), "stet-libraries-"))
  try {
    const extension = join(folder, "share", "jupyter", "nbextensions", "jupyter-tiny")
    await mkdir(extension, { recursive: true })
    await writeFile(join(extension, "index.js"), "define([], () => 1)")
    await writeFile(join(folder, "secret.js"), "secret")
    await symlink(join(folder, "secret.js"), join(extension, "away.js"))
    const path = "/api/v1/libraries?kernel=tiny&path=nbextensions/jupyter-tiny/"
    expect((await api.ask("GET", `${path}index.js`, { as: viewer })).status).toBe(404)
    kernels.push({
      name: "tiny",
      displayName: "Tiny",
      language: "python",
      argv: [join(folder, "bin", "python")],
      interruptMode: "signal",
      resourceDir: "",
    })
    const found = await api.ask("GET", `${path}index.js`, { as: viewer })
    expect(found.status).toBe(200)
    expect(found.headers["content-type"]).toMatch(/^text\/plain/)
    expect(found.headers["content-security-policy"]).toMatch(/^sandbox;/)
    expect(found.text).toBe("define([], () => 1)")
    expect((await api.ask("GET", `${path}away.js`, { as: viewer })).status).toBe(404)
    expect((await api.ask("GET", "/api/v1/libraries?kernel=tiny&path=../secret.js", { as: viewer })).status).toBe(400)
    expect((await api.ask("GET", `${path}index.js`, {})).status).toBe(401)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
