/** A real Jupyter Server for tests, on loopback, with its own folders and a token of its own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

export type TestServer = {
  readonly url: string
  readonly token: string
  readonly log: () => string
  stop(): Promise<void>
}

/** The interpreter that has Jupyter Server: STET_TEST_PYTHON or python3; undefined when it has not. */
export function pythonWithServer(): string | undefined {
  const python = process.env["STET_TEST_PYTHON"] ?? "python3"
  return spawnSync(python, ["-c", "import jupyter_server, ipykernel"], { stdio: "ignore" }).status === 0 ? python : undefined
}

export async function startServer(python: string, more: readonly string[] = []): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), "stet-jupyter-"))
  for (const name of ["runtime", "config", "root"]) mkdirSync(join(folder, name))
  const token = `t${Math.random().toString(36).slice(2)}`
  const arguments_ = [
    "--ServerApp.open_browser=False",
    "--ServerApp.allow_root=True",
    "--ServerApp.ip=127.0.0.1",
    `--ServerApp.port=${await freePort()}`,
  ]
  const child = spawn(python, ["-m", "jupyter_server", ...arguments_, `--ServerApp.root_dir=${join(folder, "root")}`, ...more], {
    env: { ...process.env, JUPYTER_TOKEN: token, JUPYTER_RUNTIME_DIR: join(folder, "runtime"), JUPYTER_CONFIG_DIR: join(folder, "config") },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  })
  let log = ""
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (log += text))
  const url = await addressIn(join(folder, "runtime"), child, () => log)
  return { url, token, log: () => log, stop: () => stop(child, folder) }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === "object" && address ? address.port : 0
}

async function addressIn(runtime: string, child: ChildProcess, log: () => string): Promise<string> {
  for (let waited = 0; waited < 60_000; waited += 50) {
    if (child.exitCode !== null) throw new Error(`Jupyter Server ended:\n${log()}`)
    const file = readdirSync(runtime).find((name) => /^jpserver-.*\.json$/.test(name))
    const url = file && urlIn(readFileSync(join(runtime, file), "utf8"))
    if (
      url &&
      (await fetch(new URL("api", url))
        .then((answer) => answer.ok)
        .catch(() => false))
    )
      return url
    await sleep(50)
  }
  throw new Error(`Jupyter Server did not start:\n${log()}`)
}

function urlIn(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { readonly url: string }).url
  } catch {
    return undefined
  }
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve))
  if (child.exitCode === null && child.signalCode === null) {
    child.kill("SIGTERM")
    await Promise.race([ended, sleep(10_000)])
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, "SIGKILL")
  }
  rmSync(folder, { recursive: true, force: true })
}
