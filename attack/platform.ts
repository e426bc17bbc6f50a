/** `stet start` as an operator starts it, on a home of its own that is removed afterwards. */
import { type ChildProcess, spawn } from "node:child_process"
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { childrenOf, isAlive, processesIn } from "../faults/processes.ts"
import { type Client, connect } from "../src/api/client.ts"
import { type Database, openDatabase } from "../src/database/index.ts"

export type Said = { readonly code: number | null; readonly text: string }

export type Platform = {
  readonly home: string
  readonly port: number
  readonly url: string
  /** The administrator's token for programs on this machine. */
  readonly token: string
  /** What `stet start` has said until now. */
  readonly said: () => string
  /** The last lines of that and of the logs. */
  readonly lately: () => readonly string[]
  readonly database: Database
  readonly client: Client
  readonly pidOf: (part: "server" | "worker") => Promise<number>
  /** The command line beside it, in the same environment and with more. */
  readonly stet: (args: readonly string[], env?: NodeJS.ProcessEnv) => Promise<Said>
  /** Ends it; the home stays. */
  readonly end: () => Promise<void>
  readonly remove: () => Promise<void>
}

const ROOT = fileURLToPath(new URL("..", import.meta.url))
const UP_MS = 120_000

/** `env` beside this process's own variables, of which those of Stet and of the test runner are left out. */
export async function startPlatform(env: NodeJS.ProcessEnv & { readonly DATABASE_URL: string }): Promise<Platform> {
  const home = mkdtempSync(join(tmpdir(), "stet-attacked-"))
  // Kernels of other users find their directory in it.
  chmodSync(home, 0o711)
  const own = { STET_HOME: home, STET_PORT: "0", STET_LEASE_SECONDS: "2", STET_SLOTS: "4", STET_WARM: "1" }
  const kept = Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_OPTIONS|npm_|STET_(?!TEST_))/.test(name))
  const all = { ...Object.fromEntries(kept), ...own, ...env }
  const child = spawn(process.execPath, ["bin/stet.js", "start"], { cwd: ROOT, env: all, stdio: ["ignore", "pipe", "pipe"], detached: true })
  const said = hearing(child)
  const remove = async () => {
    await end(child)
    await clear(home)
  }
  try {
    await until("the platform is up", () => ended(child, said()) || said().includes("Ctrl-C ends it"), UP_MS)
    return {
      ...reached(home, env.DATABASE_URL),
      home,
      said,
      lately: () => [said(), ...["server", "worker"].map((part) => logOf(home, part))].flatMap((text) => text.trimEnd().split("\n").slice(-8)),
      pidOf: (part) => pidOf(child, part),
      stet: (args, more) => stet(args, { ...all, ...more }),
      end: () => end(child),
      remove,
    }
  } catch (error) {
    await remove()
    throw error
  }
}

function logOf(home: string, part: string): string {
  try {
    return readFileSync(join(home, "logs", `${part}.log`), "utf8")
  } catch {
    return ""
  }
}

function hearing(child: ChildProcess): () => string {
  let said = ""
  const hear = (bytes: Buffer) => {
    said += bytes.toString()
  }
  child.stdout?.on("data", hear)
  child.stderr?.on("data", hear)
  return () => said
}

function ended({ exitCode, signalCode }: ChildProcess, said: string): false {
  if (exitCode === null && signalCode === null) return false
  throw new Error(`stet start ended (${exitCode ?? signalCode}): ${said}`)
}

function reached(home: string, databaseUrl: string): Pick<Platform, "port" | "url" | "token" | "database" | "client"> {
  const token = readFileSync(join(home, "run", "token"), "utf8").trim()
  const { url } = JSON.parse(readFileSync(join(home, "run", "start.json"), "utf8")) as { readonly url: string }
  return {
    port: Number(new URL(url).port),
    url,
    token,
    database: openDatabase({ url: databaseUrl, poolSize: 4, applicationName: "attack", statementTimeoutMs: 0, patienceMs: 30_000 }),
    client: connect({
      url,
      token,
      tries: 100,
      sleep: async (ms, signal) => void (await delay(Math.min(ms, 200), undefined, signal ? { signal } : {}).catch(() => undefined)),
      newKey: () => crypto.randomUUID(),
    }),
  }
}

/** Waits for one that is being started again. */
function pidOf({ pid = 0 }: ChildProcess, part: "server" | "worker"): Promise<number> {
  return until(`there is a ${part}`, () => childrenOf(pid).find(({ what }) => what.includes(`/src/${part}.ts`))?.pid, 30_000)
}

function stet(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Said> {
  const child = spawn(process.execPath, ["bin/stet.js", ...args], { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] })
  const said = hearing(child)
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, text: said() })))
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once("exit", resolve))
  child.kill("SIGINT")
  await delay(50)
  // Once more: what runs is not waited for.
  child.kill("SIGINT")
  await gone
}

/** What outlived its supervisor is known by the home, which is ours alone. */
async function clear(home: string): Promise<void> {
  for (let turn = 0; turn < 50 && processesIn(home).length > 0; turn++) {
    for (const { pid } of turn < 10 ? [] : processesIn(home)) if (isAlive(pid)) process.kill(pid, "SIGKILL")
    await delay(100)
  }
  rmSync(home, { recursive: true, force: true })
}

export async function until<Value>(what: string, probe: () => Value | Promise<Value>, ms = 30_000): Promise<Exclude<Value, false | undefined>> {
  for (const late = performance.now() + ms; ; await delay(50)) {
    const found = await probe()
    if (found !== undefined && found !== false) return found as Exclude<Value, false | undefined>
    if (performance.now() > late) throw new Error(`in ${ms} ms it did not happen that ${what}`)
  }
}
