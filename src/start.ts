/**
 * `stet start`: the platform on one machine. PostgreSQL, server and worker are processes of their own: each may die and
 * come back without the others; what is under way goes on.
 */
import { spawn } from "node:child_process"
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { toHuman } from "#base/time.ts"
import { browserOpener } from "#browser.ts"
import type { Configuration } from "#configuration.ts"
import { type Database, openDatabase, type Postgres, tendPostgres } from "#database/index.ts"
import { prepareFirstStart } from "#first-start.ts"
import { type Holder, holdHome, openHome, type Places } from "#home.ts"
import { migrated } from "#migrated.ts"
import { type PartEvent, type PartName, Supervised } from "#supervise.ts"

export type Starting = {
  readonly configuration: Configuration
  readonly env: NodeJS.ProcessEnv
  readonly version: string
  /** Open a browser at the address. */
  readonly open: boolean
  readonly tell: (line: string) => void
  /** Makes sure that there is a Python kernel, by making an environment when there is none. */
  readonly preparePython: () => Promise<void>
}

/** Until somebody ends it; gives the exit code. @throws Fault for what keeps it from starting */
export async function start(starting: Starting): Promise<number> {
  const { configuration, tell } = starting
  const places = openHome(configuration.home)
  const holding = await holdHome(places)
  if ("by" in holding) return alreadyRuns(holding.by, starting)
  const stopping = new Stopping()
  try {
    const began = performance.now()
    const postgres = configuration.databaseUrl === undefined ? await embedded(places, tell) : undefined
    const databaseUrl = postgres?.url ?? configuration.databaseUrl ?? ""
    try {
      await migrated(databaseUrl, tell)
      const first = await onDatabase(databaseUrl, (database) => prepareFirstStart(configuration, { database, tell }))
      writeFileSync(join(places.run, "token"), first.localToken, { mode: 0o600 })
      await starting.preparePython()
      const parts = new Parts(starting, places, databaseUrl)
      parts.start()
      const url = await Promise.race([parts.url, stopping.asked])
      if (typeof url === "string") {
        holding.held.tell({ url, databaseUrl })
        greet({ url, code: first.linkCode, tookMs: performance.now() - began, starting, places })
        await Promise.race([stopping.asked, parts.failed])
      }
      return await parts.stop(stopping)
    } finally {
      await postgres?.close("fast")
      rmSync(join(places.run, "token"), { force: true })
    }
  } finally {
    holding.held.release()
    stopping.forget()
  }
}

async function alreadyRuns({ pid, url }: Holder, { configuration, open, tell }: Starting): Promise<number> {
  tell(`Stet is running already on ${configuration.home} (process ${pid})${url ? `: ${url}` : ", and is still starting"}`)
  if (open && url) openBrowser(url)
  return 0
}

async function embedded(places: Places, tell: (line: string) => void): Promise<Postgres> {
  const postgres = await tendPostgres({ dataDir: places.postgres, socketDir: join(places.run, "postgres") }, tell)
  const { initdbMs, startMs } = postgres.took
  if (postgres.adopted) tell("PostgreSQL was still running and is taken over.")
  else if (initdbMs > 0) tell(`PostgreSQL is set up and started (${toHuman(initdbMs + startMs)}).`)
  return postgres
}

async function onDatabase<Value>(url: string, work: (database: Database) => Promise<Value>): Promise<Value> {
  const database = openDatabase({ url, poolSize: 4, applicationName: "stet start" })
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

type Greeting = {
  readonly url: string
  readonly code: string | undefined
  readonly tookMs: number
  readonly starting: Starting
  readonly places: Places
}

function greet({ url, code, tookMs, starting, places }: Greeting): void {
  const { tell, open, version } = starting
  const link = code === undefined ? url : `${url}/sign-in?link=${encodeURIComponent(code)}`
  tell(`\nStet ${version} is up (${toHuman(tookMs)}).`)
  if (code === undefined) tell(`\n  ${url}\n`)
  else tell(`\nSign in as the administrator with this link, once:\n\n  ${link}\n`)
  tell(`Ctrl-C ends it. Logs: ${places.logs}`)
  if (open) openBrowser(link)
}

function openBrowser(url: string): void {
  const program = browserOpener({ platform: process.platform, env: process.env, isTerminal: process.stdout.isTTY === true })
  if (!program) return
  const opener = spawn(program, [url], { stdio: "ignore", detached: true })
  opener.on("error", () => undefined)
  opener.unref()
}

/** That we were asked to end, and how often. */
class Stopping {
  #times = 0
  #onAsked!: () => void
  #onAgain!: () => void
  readonly asked = new Promise<void>((resolve) => {
    this.#onAsked = resolve
  })
  readonly askedAgain = new Promise<void>((resolve) => {
    this.#onAgain = resolve
  })
  readonly #hear = () => {
    if (++this.#times === 1) this.#onAsked()
    else this.#onAgain()
  }

  constructor() {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, this.#hear)
  }

  forget(): void {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(signal, this.#hear)
  }
}

/** The server and the worker. */
/**
 * What was just made and is soon forgotten takes up to three times as much as this. Node's own 16 MB leave 45 MB of garbage standing
 * after a start, and a hundred under load; reads cost the same (measured).
 */
const FLAGS = ["--max-semi-space-size=4"]

/**
 * Else the C library gives each of Node's threads a heap of its own, which keeps 25 MB that were read through it once. The worker's
 * kernels would inherit this, and theirs is many threads' arithmetic.
 */
const SERVER_ENV = { MALLOC_ARENA_MAX: "2" }

class Parts {
  readonly url: Promise<string>
  /** Resolves when one of them refuses to start; said already. */
  readonly failed: Promise<"failed">
  readonly #tell: (line: string) => void
  readonly #server: Supervised
  readonly #worker: Supervised
  #onUrl!: (url: string) => void
  #onFailed!: () => void
  #hasFailed = false
  /** A server that comes back is found where it was. */
  #port: { readonly STET_PORT?: string } = {}

  constructor({ env, tell }: Starting, places: Places, databaseUrl: string) {
    this.#tell = tell
    this.url = new Promise((resolve) => {
      this.#onUrl = resolve
    })
    this.failed = new Promise((resolve) => {
      this.#onFailed = () => resolve("failed")
    })
    const own = { STET_HOME: places.root, DATABASE_URL: databaseUrl, STET_INTERNAL_SUPERVISED: "1" }
    // As bin/stet.js has it: without it each part brings the reader of TypeScript along, and reads every source again.
    const codeCache = join(places.root, "cache", "code")
    const part = (name: PartName) =>
      new Supervised(
        {
          name,
          program: fileURLToPath(new URL(`./${name}.ts`, import.meta.url)),
          flags: FLAGS,
          env: () => ({ NODE_COMPILE_CACHE: codeCache, ...(name === "server" ? SERVER_ENV : {}), ...env, ...own, ...this.#port }),
          logFile: join(places.logs, `${name}.log`),
        },
        (event) => this.#hear(name, event),
      )
    this.#server = part("server")
    this.#worker = part("worker")
  }

  start(): void {
    this.#server.start()
    this.#worker.start()
  }

  /** The worker's runs end first, while people can still watch them; asked again, everything ends at once. */
  async stop(stopping: Stopping): Promise<number> {
    const draining = this.#worker.stop("SIGTERM")
    const isImpatient = await Promise.race([draining.then(() => false), stopping.askedAgain.then(() => true)])
    if (isImpatient) {
      this.#tell("Stopping at once.")
      await this.#worker.stop("SIGINT")
    }
    await this.#server.stop("SIGTERM")
    return this.#hasFailed ? 3 : 0
  }

  #hear(name: PartName, event: PartEvent): void {
    switch (event.type) {
      case "ready":
        if (event.facts.port) this.#port = { STET_PORT: String(event.facts.port) }
        if (event.facts.url) this.#onUrl(event.facts.url)
        if (event.facts.note) this.#tell(event.facts.note)
        return
      case "told":
        return "draining" in event.message ? this.#tellDraining(event.message.draining) : undefined
      case "died":
        return this.#tell(`The ${name} ended (${event.signal ?? `code ${event.code}`}); it starts again in ${toHuman(event.againInMs)}.`)
      case "refused":
        this.#hasFailed = true
        this.#tell(`The ${name} cannot start: ${event.message}`)
        return this.#onFailed()
    }
  }

  #tellDraining(runs: readonly string[]): void {
    if (runs.length > 0)
      this.#tell(`Waiting for ${runs.length === 1 ? "a run" : `${runs.length} runs`} to end: ${runs.join(", ")}. Ctrl-C once more stops at once.`)
  }
}
