import { mkdir, mkdtemp, readdir, rm, utimes } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { NODE_VERSION, runsTypeScript, sweep } from "#setup/node.mjs"

test("Node runs TypeScript as it stands from 22.18 on, and not in 23", () => {
  const versions = ["18.20.8", "20.20.2", "22.17.1", "22.18.0", "22.23.3", "23.6.0", "24.0.0", "26.10.0"]
  expect(versions.filter(runsTypeScript)).toEqual(["22.18.0", "22.23.3", "24.0.0", "26.10.0"])
  expect(runsTypeScript(NODE_VERSION)).toBe(true)
})

test("what a killed set-up left is swept away after an hour; what may still be in the making stays", async () => {
  const folder = await mkdtemp(join(tmpdir(), "stet-sweep-"))
  for (const name of [".node-old", ".node-new", "node-24"]) await mkdir(join(folder, name))
  const long = new Date(Date.now() - 2 * 3_600_000)
  for (const name of [".node-old", "node-24"]) await utimes(join(folder, name), long, long)
  await sweep(folder, ".node-")
  expect((await readdir(folder)).sort()).toEqual([".node-new", "node-24"])
  await rm(folder, { recursive: true })
  await sweep(folder, ".node-")
})
