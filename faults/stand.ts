/**
 * A whole platform for somebody who wants to break it: the real processes on a home of its own, reached by the real client, and
 * taken apart by signals. `stet start` supervises them; or (apart) nobody does, and what was killed stays dead.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { chmodSync, closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { type Client, connect } from "../src/api/client.ts"
import { readConfiguration } from "../src/configuration.ts"
import { type Database, openDatabase, type Postgres, startPostgres } from "../src/database/index.ts"
import { prepareFirstStart } from "../src/first-start.ts"
import { holderOfHome, openHome } from "../src/home.ts"
import { migrated } from "../src/migrated.ts"
import { type Actor, createToken, type PersonId } from "../src/people/index.ts"
import type { PartName } from "../src/supervise.ts"
import { peopleWorld } from "../src/worlds.ts"
import { CRASH_POINTS, type CrashName } from "./crash-points.ts"
import { childrenOf, isAlive, processesIn } from "./processes.ts"

export type StandOptions = {
  /** Default: a new folder under the temporary one. */
  readonly home?: string
  readonly env?: Readonly<Record<string, string>>
  /** Nobody starts again what dies. */
  readonly apart?: boolean
  /** Kernels that answer from a script, in a real worker: for what is about many runs. */
  readonly scripted?: boolean
  /** Apart: its parts die at instants that have a name, when they are told to. */
  readonly mortal?: boolean
  /** Apart: the worker's own. */
  readonly workerEnv?: Readonly<Record<string, string>>
}

const ROOT = fileURLToPath(new URL("..", import.meta.url))
const UP_MS = 120_000
const UNAVAILABLE = 3

export class Stand {
  readonly home: string
  readonly port: number
  readonly #options: StandOptions
  /** The supervisor; apart: none. */
  #supervisor: ChildProcess | undefined
  readonly #parts = new Map<PartName, ChildProcess>()
  #postgres: Postgres | undefined
  #database: Database | undefined
  #token = ""
  #databaseUrl = ""
  said = ""
  /** A process was killed: it could not clear up. */
  wasKilled = false

  private constructor(options: StandOptions, home: string, port: number) {
    this.#options = options
    this.home = home
    this.port = port
  }

  /** Up and ready for requests. */
  static async start(options: StandOptions = {}): Promise<Stand> {
    const home = options.home ?? mkdtempSync(join(tmpdir(), "stet-faults-"))
    mkdirSync(home, { recursive: true })
    // Kernels of other users find their directory in it.
    chmodSync(home, 0o711)
    const stand = new Stand(options, home, await freePort())
    try {
      await stand.up()
      return stand
    } catch (error) {
      await stand.remove()
      throw error
    }
  }

  get url(): string {
    return `http://localhost:${this.port}`
  }

  get env(): NodeJS.ProcessEnv {
    const kept = Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_OPTIONS|npm_|STET_(?!TEST_))/.test(name))
    const own = { STET_HOME: this.home, STET_PORT: String(this.port), STET_LEASE_SECONDS: "2", STET_SLOTS: "4", STET_WARM: "1" }
    return { ...Object.fromEntries(kept), ...own, ...this.#options.env }
  }

  /** Started, or started again after all of it was ended. */
  async up(): Promise<void> {
    if (this.#options.apart || this.#options.scripted) await this.#upApart()
    else await this.#upSupervised()
    await until("the server answers", async () => (await fetch(`${this.url}/livez`).catch(() => undefined))?.ok, UP_MS)
    // The console's own token is another one after each start.
    if (this.#token === "") this.#token = await administratorToken(this.database)
  }

  /** Up again after it was ended: the address of its database may be another one. */
  async reopened(): Promise<void> {
    await this.#database?.close()
    this.#database = undefined
    await this.up()
  }

  async #upSupervised(): Promise<void> {
    this.said = ""
    const child = spawn(process.execPath, ["bin/stet.js", "start"], { cwd: ROOT, env: this.env, stdio: ["ignore", "pipe", "pipe"], detached: true })
    this.#supervisor = child
    const hear = (bytes: Buffer) => {
      this.said += bytes.toString()
    }
    child.stdout?.on("data", hear)
    child.stderr?.on("data", hear)
    await until(
      "the platform is up",
      () => {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`stet start ended (${child.exitCode ?? child.signalCode}): ${this.said}`)
        return this.said.includes("Ctrl-C ends it")
      },
      UP_MS,
    )
    this.#databaseUrl = holderOfHome(openHome(this.home))?.databaseUrl ?? ""
  }

  async #upApart(): Promise<void> {
    const places = openHome(this.home)
    this.#postgres ??= await startPostgres({ dataDir: places.postgres, socketDir: join(places.run, "postgres") })
    this.#databaseUrl = this.#postgres.url
    const read = readConfiguration(this.env, { userHome: this.home, cores: 2, cwd: this.home })
    if (!read.ok) throw new Error(read.refusal.join(" "))
    await migrated(this.#databaseUrl, () => undefined)
    await prepareFirstStart(read.value, { database: this.database, tell: () => undefined })
    await this.startPart("server")
    await this.startPart("worker")
  }

  /** Mortal: from now on it dies when it comes to that instant. */
  async doom(crash: CrashName): Promise<void> {
    const part = this.#parts.get(CRASH_POINTS[crash].part)
    if (!part) throw new Error("nobody is there to die")
    const heard = new Promise((resolve) => part.once("message", resolve))
    part.send({ crashAt: crash })
    await heard
  }

  /** Mortal: until it has died. */
  async hasDied(name: PartName): Promise<void> {
    const part = this.#parts.get(name)
    this.wasKilled = true
    await until(`the ${name} dies by itself`, () => part?.signalCode === "SIGKILL")
  }

  /** Apart: one that is not there. */
  async startPart(name: PartName): Promise<void> {
    const isScripted = name === "worker" && this.#options.scripted
    const program = isScripted ? join(ROOT, "faults", "scripted-worker.ts") : join(ROOT, "src", `${name}.ts`)
    const log = openSync(join(this.home, "logs", `${name}.log`), "a")
    const mortal = this.#options.mortal ? ["--import", join(ROOT, "faults", "crash-at.ts")] : []
    const child = spawn(process.execPath, [...mortal, program], {
      env: { ...this.env, ...(name === "worker" ? this.#options.workerEnv : {}), DATABASE_URL: this.#databaseUrl },
      stdio: ["ignore", log, log, "ipc"],
      detached: true,
    })
    closeSync(log)
    this.#parts.set(name, child)
    await new Promise<void>((resolve, reject) => {
      child.on("message", (message: { readonly refused?: string }) =>
        message.refused === undefined ? resolve() : reject(new Error(message.refused)),
      )
      child.once("exit", (code) => reject(new Error(`the ${name} ended with ${code}: ${this.log(name)}`)))
    })
    // PostgreSQL went away while it began: it says that it may be tried again, and whoever supervises it does.
    child.once("exit", (code) => code === UNAVAILABLE && this.startPart(name).catch(() => undefined))
  }

  log(name: PartName): string {
    return readFileSync(join(this.home, "logs", `${name}.log`), "utf8")
  }

  get supervisorPid(): number {
    return this.#supervisor?.pid ?? 0
  }

  /** Waits for one that is being started again. */
  async pidOf(name: PartName): Promise<number> {
    const part = this.#parts.get(name)
    if (part) return part.pid ?? 0
    const mark = `/src/${name}.ts`
    return until(`there is a ${name}`, () => childrenOf(this.supervisorPid).find(({ what }) => what.includes(mark))?.pid, 30_000)
  }

  /** As the machine's own mischief would; returns when it is gone. */
  async kill(name: PartName | "supervisor"): Promise<void> {
    const pid = name === "supervisor" ? this.supervisorPid : await this.pidOf(name)
    this.wasKilled = true
    process.kill(pid, "SIGKILL")
    await until(`the ${name} is gone`, () => !isAlive(pid))
  }

  /** Ends the supervisor as Ctrl-C does; gives its exit code. */
  async interrupted(signal: NodeJS.Signals = "SIGINT"): Promise<number | null> {
    const child = this.#supervisor
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve))
    child.kill(signal)
    return ended
  }

  /** PostgreSQL, killed with all its processes as by a power cut. */
  async killPostgres(): Promise<void> {
    const pid = Number(readFileSync(join(this.home, "postgres", "postmaster.pid"), "utf8").split("\n")[0])
    const helpers = childrenOf(pid)
    process.kill(pid, "SIGKILL")
    for (const helper of helpers) if (isAlive(helper.pid)) process.kill(helper.pid, "SIGKILL")
    await until("PostgreSQL is gone", () => !isAlive(pid))
  }

  /** Apart: killed, and started again a moment later. */
  async restartPostgres(): Promise<void> {
    await this.#postgres?.close("immediate")
    const places = openHome(this.home)
    this.#postgres = await startPostgres({ dataDir: places.postgres, socketDir: join(places.run, "postgres") })
  }

  get databaseUrl(): string {
    return this.#databaseUrl
  }

  get database(): Database {
    this.#database ??= openDatabase({ url: this.#databaseUrl, poolSize: 6, applicationName: "faults", statementTimeoutMs: 0, patienceMs: 30_000 })
    return this.#database
  }

  /** One that waits for a server that is away, for as long as `patienceMs`. */
  client({ patienceMs = 60_000 }: { readonly patienceMs?: number } = {}): Client {
    return connect({
      url: this.url,
      token: this.#token,
      tries: Math.ceil(patienceMs / 200),
      sleep: async (ms, signal) => void (await delay(Math.min(ms, 200), undefined, signal ? { signal } : {}).catch(() => undefined)),
      newKey: () => crypto.randomUUID(),
    })
  }

  get headers(): Readonly<Record<string, string>> {
    return { authorization: `Bearer ${this.#token}`, "x-stet": "1" }
  }

  /** All of it is ended, at once; the home stays. */
  async down(): Promise<void> {
    await this.#database?.close()
    this.#database = undefined
    const ending = this.interrupted("SIGINT")
    await delay(50)
    this.#supervisor?.kill("SIGINT")
    for (const part of this.#parts.values()) {
      if (part.exitCode !== null || part.signalCode !== null) continue
      const gone = new Promise((resolve) => part.once("exit", resolve))
      part.kill("SIGKILL")
      await gone
    }
    this.#parts.clear()
    await ending
    await this.#postgres?.close("immediate")
    this.#postgres = undefined
  }

  async remove(): Promise<void> {
    await this.down().catch(() => undefined)
    // What outlived its supervisor: known by the home, which is ours alone.
    for (let turn = 0; turn < 50 && processesIn(this.home).length > 0; turn++) {
      for (const { pid } of turn < 5 ? [] : processesIn(this.home)) if (isAlive(pid)) process.kill(pid, "SIGKILL")
      await delay(100)
    }
    if (!this.#options.home && existsSync(this.home)) rmSync(this.home, { recursive: true, force: true })
  }
}

export async function until<Value>(what: string, probe: () => Value | Promise<Value>, ms = 30_000): Promise<Exclude<Value, false | undefined>> {
  for (const end = performance.now() + ms; ; await delay(25)) {
    const found = await probe()
    if (found !== undefined && found !== false) return found as Exclude<Value, false | undefined>
    if (performance.now() > end) throw new Error(`in ${ms} ms it did not happen that ${what}`)
  }
}

export async function inParallel<Item>(items: readonly Item[], lanes: number, work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items]
  const lane = async () => {
    while (left.length > 0) await work(left.shift() as Item)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

/** As the first administrator makes one in a browser. */
async function administratorToken(database: Database): Promise<string> {
  const people = peopleWorld(database, undefined, "http://localhost")
  const { id, name } = await database.db
    .selectFrom("person")
    .select(["id", "name"])
    .where("is_admin", "=", true)
    .where("kind", "=", "person")
    .orderBy("id")
    .executeTakeFirstOrThrow()
  const actor: Actor = { id: id as PersonId, name, isAdmin: true, via: { kind: "session", session: "0".repeat(64) } }
  const made = await createToken(people, actor, { name: "faults", scopes: ["read", "run", "edit", "admin"], days: 1 })
  if (!made.ok) throw new Error(made.refusal.message)
  return made.value.token
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve, reject) => probe.once("error", reject).listen(0, "127.0.0.1", resolve))
  const { port } = probe.address() as { port: number }
  await new Promise((resolve) => probe.close(resolve))
  return port
}
