/**
 * What all journeys share: the app, built once, and one platform as `stet start` brings it up, with PostgreSQL, server and worker.
 * Runs before the first journey and ends after the last one.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { homedir, tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"
import type { TestProject } from "vitest/node"

declare module "vitest" {
  interface ProvidedContext {
    readonly platform: PlatformUp
  }
}

export type PlatformUp = {
  /** Where it answers: http://localhost:1234. */
  readonly url: string
  readonly home: string
  /** Of `stet start`. */
  readonly pid: number
  /** The console's link, which signs the administrator in once. */
  readonly link: string
  readonly chromium: string
}

const ROOT = fileURLToPath(new URL("..", import.meta.url))
const START_MS = 180_000

// biome-ignore lint/style/noDefaultExport: this is how vitest takes it
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const chromium = process.env["STET_TEST_CHROMIUM"] ?? "/usr/bin/chromium"
  await run([join(ROOT, "scripts", "web.mjs")])
  const home = mkdtempSync(join(tmpdir(), "stet-e2e-"))
  const started = await start(home)
  project.provide("platform", { ...started.told, home, pid: started.child.pid ?? 0, chromium })
  return async () => {
    await ended(started.child)
    rmSync(home, { recursive: true, force: true })
  }
}

async function run(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] })
  const code = await new Promise((resolve) => child.on("close", resolve))
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}`)
}

type Started = { readonly child: ChildProcess; readonly told: { readonly url: string; readonly link: string } }

async function start(home: string): Promise<Started> {
  // Journeys leave their sessions open, and no later one must want for room.
  const roomy = { STET_WARM: "1", STET_SLOTS: "4", STET_SESSIONS: "80" }
  const env = { ...operatorsEnv(home), ...roomy, STET_PORT: "0", STET_PUBLIC_RESULTS: "1" }
  const child = spawn(process.execPath, [join(ROOT, "src", "stet.ts"), "start"], { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] })
  let said = ""
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text
    })
  const deadline = Date.now() + START_MS
  for (;;) {
    const link = /(http:\/\/localhost:\d+)(\/sign-in\?link=\S+)/.exec(said)
    if (link?.[1] && link[2]) return { child, told: { url: link[1], link: link[2] } }
    if (child.exitCode !== null || Date.now() > deadline) {
      await ended(child)
      throw new Error(`The platform did not come up. It said:\n${said}\nThe end of the server's log:\n${endOf(join(home, "logs", "server.log"))}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Of whoever operates this platform. The package tool comes from where the tests' own home has it, so that it is not fetched anew. */
export function operatorsEnv(home: string): NodeJS.ProcessEnv {
  const uv = join(process.env["STET_HOME"] || join(homedir(), ".stet"), "tools", "uv", "bin")
  return { ...process.env, STET_HOME: home, PATH: `${process.env["PATH"]}${delimiter}${uv}` }
}

function endOf(log: string): string {
  return existsSync(log) ? readFileSync(log, "utf8").slice(-4000) : "(there is none)"
}

/** In order, because killed outright it would leave its PostgreSQL behind. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const closed = new Promise((resolve) => child.once("close", resolve))
  child.kill("SIGINT")
  // A second time means "at once".
  const again = setTimeout(() => child.kill("SIGINT"), 5000)
  await closed
  clearTimeout(again)
}
