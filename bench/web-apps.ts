/** The two apps that are measured: how each is brought up, and where in its page things stand. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import type { BrowserContext } from "playwright-core"
import { Stand } from "../faults/stand.ts"

export type AppName = "stet" | "jupyterlab"

/** CSS selectors of what both have. */
export type Places = {
  readonly cell: string
  readonly editor: string
  readonly output: string
  /** What scrolls. */
  readonly scroller: string
}

export type App = {
  readonly name: AppName
  readonly places: Places
  signIn(context: BrowserContext): Promise<void>
  urlOf(notebook: string): string
  close(): Promise<void>
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export async function openStet(folder: string, names: readonly string[]): Promise<App> {
  const stand = await Stand.start({ env: { STET_LEASE_SECONDS: "20" } })
  const client = stand.client()
  await client.call("createSpace", { body: { name: "bench" } })
  const ids = new Map<string, string>()
  for (const name of names) {
    const saved = await client.call("createNotebook", { query: { space: "bench", path: name }, body: readFileSync(join(folder, name)) })
    ids.set(name, saved.notebook.id)
  }
  let people = 0
  return {
    name: "stet",
    places: { cell: "article[data-cell]", editor: "article[data-cell] .cm-content", output: "[data-stet-outputs]", scroller: "[data-scroller]" },
    async signIn(context) {
      const { link } = await client.call("createInvite", { body: { isAdmin: true } })
      const login = `bench-${++people}`
      const said = await context.request.post(`${stand.url}/api/v1/sign-in/link`, {
        headers: { origin: stand.url, "x-stet": "1" },
        data: { kind: "invite", link, name: login, login, password: "four quiet lamps agree" },
      })
      if (!said.ok()) throw new Error(`nobody could sign in: ${await said.text()}`)
    },
    urlOf: (notebook) => `${stand.url}/notebooks/${ids.get(notebook) ?? ""}`,
    close: () => stand.remove(),
  }
}

export async function openJupyterLab(folder: string, home: string): Promise<App> {
  const python = labPython()
  const port = await freePort()
  const args = [
    "-m",
    "jupyterlab",
    "--no-browser",
    "--allow-root",
    `--port=${port}`,
    "--ServerApp.port_retries=0",
    "--IdentityProvider.token=",
    `--notebook-dir=${folder}`,
  ]
  const env = {
    ...process.env,
    HOME: home,
    JUPYTER_CONFIG_DIR: join(home, "config"),
    JUPYTER_DATA_DIR: join(home, "data"),
    JUPYTER_RUNTIME_DIR: join(home, "runtime"),
  }
  const child = spawn(python, args, { env, stdio: "ignore" })
  await answers(`http://localhost:${port}/api`, child)
  return {
    name: "jupyterlab",
    places: {
      cell: ".jp-Notebook .jp-Cell",
      editor: ".jp-Notebook .jp-Cell .cm-content",
      output: ".jp-OutputArea-output",
      scroller: ".jp-WindowedPanel-outer",
    },
    signIn: async () => undefined,
    urlOf: (notebook) => `http://localhost:${port}/lab/tree/${notebook}?reset`,
    async close() {
      const gone = new Promise((resolve) => child.once("exit", resolve))
      child.kill("SIGTERM")
      await Promise.race([gone, delay(5000).then(() => child.kill("SIGKILL"))])
    },
  }
}

/** An environment that holds JupyterLab alone; made once. @throws when it cannot be made */
function labPython(): string {
  const venv = here("../node_modules/.cache/stet-bench-lab")
  const python = join(venv, "bin/python")
  if (existsSync(join(venv, "bin/jupyter-lab"))) return python
  const base = process.env["STET_TEST_PYTHON"]
  if (!base) throw new Error("STET_TEST_PYTHON is not set: it names a Python that can make environments.")
  for (const [command, ...rest] of [
    [base, "-m", "venv", venv],
    [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "jupyterlab>=4,<5", "ipykernel"],
  ]) {
    const done = spawnSync(command!, rest, { encoding: "utf8" })
    if (done.status !== 0) throw new Error(`An environment with JupyterLab could not be made: ${done.stderr}`)
  }
  return python
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  for (let turn = 0; turn < 300; turn++) {
    if (child.exitCode !== null) throw new Error(`JupyterLab ended with ${child.exitCode}`)
    if ((await fetch(url).catch(() => undefined))?.ok) return
    await delay(200)
  }
  throw new Error("JupyterLab does not answer")
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once("error", reject)
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => (typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port"))))
    })
  })
}
