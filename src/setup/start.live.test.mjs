import { spawn, spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
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
  const left = ["node_modules", ".git", ".stet", "build"]
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
 * Types a command in the clean copy, waits until the platform is up, does something with it, and presses Ctrl-C.
 *
 * @param {string} command
 * @param {(where: { url: string, link: string | undefined, token: string }) => Promise<void>} use
 * @returns {Promise<string>} what it said
 */
async function startOnce(command, use) {
  const child = spawn("sh", ["-c", command], { cwd: join(folder, "stet"), env: newcomer(), stdio: ["ignore", "pipe", "pipe"], detached: true })
  const ended = new Promise((resolve) => child.on("close", resolve))
  let said = ""
  await new Promise((resolve) => {
    const listen = (/** @type {Buffer} */ bytes) => {
      said += bytes
      if (said.includes("Ctrl-C ends it")) resolve(undefined)
    }
    child.stdout.on("data", listen)
    child.stderr.on("data", listen)
    ended.then(resolve)
  })
  const link = /http:\/\/localhost:\d+\/sign-in\?link=\S+/.exec(said)?.[0]
  const url = /http:\/\/localhost:\d+/.exec(said)?.[0] ?? ""
  expect(url, said).not.toBe("")
  await use({ url, link, token: await readFile(join(folder, "home", "run", "token"), "utf8") })
  process.kill(-(child.pid ?? 0), "SIGINT")
  await ended
  await expect(fetch(url)).rejects.toThrow()
  return said
}

/**
 * @param {Response} response
 * @returns {Promise<any>}
 */
function json(response) {
  return response.json()
}

/**
 * Runs the sample by the API and gives its result.
 *
 * @param {{ url: string, token: string }} where
 */
async function runSample({ url, token }) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" }
  const body = JSON.stringify({ notebook: "samples/sales-report.ipynb", parameters: { region: "EU" } })
  const launched = await json(await fetch(`${url}/api/v1/runs`, { method: "POST", headers, body }))
  const waiting = `${url}/api/v1/runs/${launched.id}?waitSeconds=60&ifNotState=queued&ifNotState=running`
  let run = launched
  for (let tries = 0; run.endedAt === null && tries < 5; tries++) run = await json(await fetch(waiting, { headers }))
  expect(run).toMatchObject({ state: "succeeded" })
  return json(await fetch(`${url}/api/v1/runs/${launched.id}/result`, { headers }))
}

/**
 * Follows the one-time link as a browser does: the page, its form, the app and what it asks for.
 *
 * @param {string} link
 */
async function signIn(link) {
  const { origin, searchParams } = new URL(link)
  expect(await (await fetch(link)).text()).toContain("Sign in")
  const form = new URLSearchParams({ link: searchParams.get("link") ?? "" })
  const answer = await fetch(`${origin}/sign-in`, { method: "POST", body: form, redirect: "manual", headers: { origin } })
  expect(answer.status).toBe(303)
  const cookie = (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? ""
  const home = await (await fetch(origin, { headers: { cookie } })).text()
  const [script = ""] = /\/assets\/index-[\w-]+\.js/.exec(home) ?? []
  expect((await fetch(`${origin}${script}`)).headers.get("content-type")).toContain("text/javascript")
  expect(await (await fetch(`${origin}/api/v1/notebooks`, { headers: { cookie } })).text()).toContain("Sales report")
}

test("the README's first command, in a clean copy, sets everything up and brings up a platform that runs notebooks", async () => {
  const command = await readmeCommand(1)
  expect(command).toBe("npm start")
  const said = await startOnce(command, async ({ url, link, token }) => {
    await signIn(link ?? "")
    const result = await runSample({ url, token })
    expect(JSON.stringify(result.cells)).toContain("injected-parameters")
  })
  expect(said).toContain("Installing Stet's packages from package-lock.json")
  // Without the packages that only tests need; what a browser loads first is told, and stays small.
  const [, firstLoad = "9999"] = /Building the web app … [\s\S]*?loads first of it: (\d+) KB/.exec(said) ?? []
  expect(Number(firstLoad)).toBeLessThan(400)

  const again = await startOnce(command, async ({ url, token }) => {
    const { items } = await json(await fetch(`${url}/api/v1/runs`, { headers: { authorization: `Bearer ${token}` } }))
    expect(items).toHaveLength(1)
  })
  expect(again).not.toMatch(/Installing|Bringing|Making|Building|PostgreSQL is set up/)
}, 600_000)

test("who asks what can be said waits for nothing, and nothing is made", () => {
  const home = join(folder, "other")
  const asked = spawnSync(process.execPath, [join(ROOT, "scripts", "start.mjs"), "--help"], {
    env: { ...process.env, STET_HOME: home },
    encoding: "utf8",
  })
  expect([asked.status, asked.stdout.split("\n")[0], asked.stderr]).toEqual([0, "Usage: stet start [OPTIONS]", ""])
  expect(existsSync(join(home, "python"))).toBe(false)
})
