/** Frames and libraries as the real server answers for them. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type ApiTest, apiTest, type Someone } from "#api/testing.ts"
import type { InstalledKernel } from "#environment/index.ts"

let api: ApiTest
let viewer: Someone
const kernels: InstalledKernel[] = []
beforeAll(async () => {
  api = await apiTest({}, (world) => ({ ...world, environment: { ...world.environment, kernels: async () => kernels } }))
  viewer = await api.someone("Vera", "viewer")
})
afterAll(() => api.close())

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
