/** The Python client's own tests, run against a platform as `stet start` brings it up. */
import { type ChildProcess, execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, expect, test } from "vitest"

const PACKAGE = fileURLToPath(new URL("../../integrations/python", import.meta.url))
const STET = fileURLToPath(new URL("../stet.ts", import.meta.url))
const SPACE = "client"

let home: string
let platform: ChildProcess
let address: string
let said = ""

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "stet-python-client-"))
  const port = await freePort()
  address = `http://localhost:${port}`
  const env = { ...process.env, STET_HOME: home, STET_PORT: String(port) }
  platform = spawn(process.execPath, [STET, "start", "--no-open"], { env, stdio: ["ignore", "pipe", "pipe"] })
  for (const stream of [platform.stdout, platform.stderr]) stream?.setEncoding("utf8").on("data", (text: string) => (said += text))
  while (!said.includes("is up")) {
    if (platform.exitCode !== null) throw new Error(said)
    await sleep(200)
  }
  const made = await fetch(`${address}/api/v1/spaces`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token()}` },
    body: JSON.stringify({ name: SPACE, title: "Client" }),
  })
  expect(made.status).toBe(201)
})

afterAll(async () => {
  if (platform?.exitCode === null && platform.signalCode === null) {
    platform.kill("SIGINT")
    const hard = setTimeout(() => platform.kill("SIGINT"), 10_000)
    await once(platform, "exit")
    clearTimeout(hard)
  }
  await rm(home, { recursive: true, force: true })
})

function token(): string {
  return readFileSync(join(home, "run", "token"), "utf8").trim()
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as { readonly port: number }
  server.close()
  return port
}

type Tried = { readonly code: number; readonly output: string }

function unittest(pattern: string, env: NodeJS.ProcessEnv): Promise<Tried> {
  const python = process.env["STET_TEST_PYTHON"] || "python3"
  const args = ["-W", "error::ResourceWarning", "-m", "unittest", "discover", "-v", "-s", "tests", "-p", pattern]
  const options = { cwd: PACKAGE, env: { ...process.env, PYTHONPATH: join(PACKAGE, "src"), PYTHONDONTWRITEBYTECODE: "1", ...env } }
  return new Promise((resolve) =>
    execFile(python, args, options, (error, out, err) =>
      resolve({ code: typeof error?.code === "number" ? error.code : error ? 1 : 0, output: out + err }),
    ),
  )
}

test("what is sent again and what is not", async () => {
  const { code, output } = await unittest("test_wire.py", {})
  expect(code, output).toBe(0)
  expect(Number(/Ran (\d+) tests/.exec(output)?.[1])).toBeGreaterThanOrEqual(24)
})

test("every route that the client speaks, against the platform", async () => {
  const { code, output } = await unittest("test_live.py", { STET_SERVER: address, STET_TOKEN: token(), STET_TEST_SPACE: SPACE })
  expect(code, `${output}\n${said}`).toBe(0)
  expect(output).not.toContain("skipped")
  expect(Number(/Ran (\d+) tests/.exec(output)?.[1])).toBeGreaterThanOrEqual(9)
}, 300_000)
