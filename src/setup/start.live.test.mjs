import { spawn } from "node:child_process"
import { cp, mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, delimiter, join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { ROOT } from "#setup/enter.mjs"
import { stetHome } from "#setup/home.mjs"

/** @type {string} */
let folder
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "stet-clean-copy-"))
  const left = ["node_modules", ".git", ".stet"]
  const filter = (/** @type {string} */ path) => !left.includes(basename(path)) && !path.endsWith(".result.ipynb")
  await cp(ROOT, join(folder, "stet"), { recursive: true, filter })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The n-th command line that the README shows, counted from 1. */
async function readmeCommand(/** @type {number} */ n) {
  const text = await readFile(join(ROOT, "README.md"), "utf8")
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, lines = ""]) => lines.trim().split("\n"))
  return blocks[n - 1] ?? ""
}

/** The environment of somebody who has never had Stet: no home of its own, and the machine's own Node. */
function newcomer() {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_|JUPYTER|STET_)/.test(name)))
  const tools = join(stetHome(), "tools")
  const PATH = (env["PATH"] ?? "").split(delimiter).filter((place) => !place.startsWith(tools) && !place.includes("node_modules"))
  return { ...env, PATH: PATH.join(delimiter), STET_HOME: join(folder, "home"), STET_PORT: "0" }
}

/**
 * Types a command in the clean copy, waits for the address it tells, reads the page there, and presses Ctrl-C.
 *
 * @param {string} command
 */
async function startOnce(command) {
  const child = spawn("sh", ["-c", command], { cwd: join(folder, "stet"), env: newcomer(), stdio: ["ignore", "pipe", "pipe"], detached: true })
  const ended = new Promise((resolve) => child.on("close", resolve))
  let said = ""
  const address = await new Promise((resolve) => {
    const listen = (/** @type {Buffer} */ bytes) => {
      said += bytes
      const found = /http:\/\/localhost:\d+/.exec(said)
      if (found) resolve(found[0])
    }
    child.stdout.on("data", listen)
    child.stderr.on("data", listen)
    ended.then(() => resolve(undefined))
  })
  expect(address, said).toBeDefined()
  const page = await (await fetch(address)).text()
  process.kill(-(child.pid ?? 0), "SIGINT")
  await ended
  await expect(fetch(address)).rejects.toThrow()
  return { said, page }
}

test("the README's first command, in a clean copy, sets everything up, runs a notebook and shows its result", async () => {
  const command = await readmeCommand(1)
  expect(command).toBe("npm start")
  const { said, page } = await startOnce(command)
  expect(said).toContain("Installing Stet's packages from package-lock.json")
  expect(said).toMatch(/succeeded/)
  expect(page).toMatch(/<title>Sales report/)
  const result = JSON.parse(await readFile(join(folder, "stet", "examples", "sales-report.result.ipynb"), "utf8"))
  expect(JSON.stringify(result.cells)).toContain("injected-parameters")

  const again = await startOnce(command)
  expect(again.said).not.toMatch(/Installing|Bringing|Making/)
}, 600_000)
