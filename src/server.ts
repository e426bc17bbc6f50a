/** The server as a process: the API and the pages. Holds no kernel, so it may be killed and started again at will. */
import { hash } from "node:crypto"
import { readFileSync } from "node:fs"
import { fileURLToPath, pathToFileURL } from "node:url"
import type { FastifyInstance } from "fastify"
import { type ApiOptions, type ApiWorld, buildServer, logTo } from "#api/index.ts"
import { type Configuration, publicUrl } from "#configuration.ts"
import { type Database, openDatabase } from "#database/index.ts"
import { doctor, ready } from "#doctor.ts"
import { mirrorEnvironments, mirrorNewNames } from "#environment/index.ts"
import { openHome } from "#home.ts"
import { zipArchives } from "#library/adapters/zip-reader.ts"
import { zipOf } from "#library/adapters/zip-writer.ts"
import { migrated } from "#migrated.ts"
import { type Part, Refusal, runPart, tellSupervisor } from "#part.ts"
import { signingKey } from "#people/adapters/signing-key.ts"
import { readHttp } from "#run/adapters/storage/http.ts"
import { systemTimers } from "#run/adapters/system.ts"
import { signerIn } from "#template/adapters/signer.ts"
import { startAsking, startTesting } from "#template/index.ts"
import { dialer } from "#work/adapters/link-socket.ts"
import { sealKey } from "#work/adapters/seal-key.ts"
import { type Link, openLink, outputsOfExecutions, savedWidgets, startReconciling } from "#work/index.ts"
import { clock, environmentWorld, kernelsOf, libraryWorld, openBlobs, openQueue, peopleWorld, random, workWorld } from "#worlds.ts"

const log = logTo(
  (line) => void process.stdout.write(line),
  () => clock.now(),
)
const tell = (message: string) => log({ level: "warn", message })

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }

export async function runServer(): Promise<number> {
  return runPart(begin)
}

async function begin(configuration: Configuration): Promise<Part> {
  const { databaseUrl } = configuration
  if (databaseUrl === undefined) throw new Refusal("The server alone needs DATABASE_URL. `stet start` brings a database along.")
  const isSupervised = process.env["STET_INTERNAL_SUPERVISED"] !== undefined
  if (!isSupervised) await migrated(databaseUrl, (line) => process.stderr.write(`${line}\n`))
  const database = openDatabase({ url: databaseUrl, poolSize: 20, applicationName: "stet server" })
  const link = await linking(configuration, database)
  const { server, url, port } = await listening(configuration, { database, link })
  tellSupervisor({ ready: { url, port } })
  const stopReconciling = await reconciling(configuration, database)
  const stopTesting = await testing(configuration, database)
  const end = async () => {
    stopReconciling()
    stopTesting()
    await server.close()
    await link.close()
    await database.close()
  }
  return { drain: end, stop: end }
}

/** When no worker is left, somebody must say that its runs are lost. */
async function reconciling({ leaseSeconds }: Configuration, { db }: Database): Promise<() => void> {
  const queue = await openQueue(db, { supervise: false })
  return startReconciling({ db, queue, clock, random }, { leaseMs: leaseSeconds * 1000, timers: systemTimers, tell })
}

const VERSIONS_MS = 5_000
const ASKING_MS = 200
const ENVIRONMENTS_MS = 15_000

/** New versions, and what runs in environments that changed, are tested where that is wanted, however they came to be; who is asked for approvals is kept true. */
async function testing(configuration: Configuration, database: Database): Promise<() => void> {
  const { home, blobs } = configuration
  const places = openHome(home)
  const library = libraryWorld(database, await openBlobs(blobs, home))
  const queue = await openQueue(database.db, { supervise: false })
  const environment = environmentWorld(configuration, { database, kernels: kernelsOf(configuration), env: process.env })
  const work = workWorld({ database, library, keys: places.keys, queue })
  const world = { ...work, signer: signerIn(places.keys, signingKey), sha256 }
  const mirror = () => mirrorNewNames(environment)
  const often = { versionsEveryMs: VERSIONS_MS, environmentsEveryMs: ENVIRONMENTS_MS, settleMs: ENVIRONMENTS_MS }
  const stops = [
    startTesting(world, { ...often, mirror, timers: systemTimers, tell }),
    startAsking(world, { settleMs: ASKING_MS, timers: systemTimers, tell }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

function sha256(data: string | Uint8Array): string {
  return hash("sha256", data)
}

/** The way to live sessions, wherever their workers are. */
async function linking({ leaseSeconds, blobs, home }: Configuration, database: Database): Promise<Link> {
  const seal = sealKey(openHome(home).keys)
  const library = libraryWorld(database, await openBlobs(blobs, home))
  const world = { db: database.db, listen: database.listen, library, seal, clock, random }
  return openLink({ world, dial: dialer(seal), timers: systemTimers, leaseMs: leaseSeconds * 1000, tell })
}

type Parts = { readonly database: Database; readonly link: Link }
type Listening = { readonly server: FastifyInstance; readonly url: string; readonly port: number }

const PORTS_TRIED = 20
const IMPORT_BYTES = 256 * 1024 * 1024

/** At the port that was asked for, else at the next free one. */
async function listening(configuration: Configuration, parts: Parts): Promise<Listening> {
  const { host, port: asked } = configuration
  for (let port = asked; ; port++) {
    const free = asked === 0 ? await freePort(host) : port
    const url = publicUrl(configuration, free)
    const server = await buildServer(await apiWorld(configuration, parts, url), optionsOf(configuration, url))
    try {
      await server.listen({ host, port: free })
      return { server, url, port: free }
    } catch (error) {
      await server.close()
      const { code } = error as NodeJS.ErrnoException
      if (code === "EADDRINUSE" && port < asked + PORTS_TRIED) continue
      throw new Refusal(`The port ${free} of ${host} cannot be listened at: ${code ?? String(error)}. Set STET_PORT to another one.`)
    }
  }
}

async function freePort(host: string): Promise<number> {
  const { createServer } = await import("node:net")
  const probe = createServer()
  await new Promise<void>((resolve, reject) => probe.once("error", reject).listen(0, host, resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof address === "object" && address ? address.port : 0
}

function optionsOf({ tls, trustProxy, metricsToken, publicResults, url: isNamed }: Configuration, url: string): ApiOptions {
  return {
    url,
    version,
    trustProxy,
    metricsToken,
    publicResults,
    app: fileURLToPath(new URL("../build/web", import.meta.url)),
    ...(isNamed || !trustProxy ? {} : { hosts: "any" as const }),
    tls: tls && { cert: readPem(tls.cert, "STET_TLS_CERT"), key: readPem(tls.key, "STET_TLS_KEY") },
  }
}

function readPem(path: string, variable: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new Refusal(`${variable} names ${path}, which cannot be read: ${(error as Error).message}.`)
  }
}

async function apiWorld(configuration: Configuration, { database, link }: Parts, url: string): Promise<ApiWorld> {
  const places = openHome(configuration.home)
  const blobs = await openBlobs(configuration.blobs, configuration.home)
  const library = libraryWorld(database, blobs)
  const kernels = kernelsOf(configuration)
  const queue = await openQueue(database.db, { supervise: true, onError: (error) => log({ level: "error", message: "the queue", error }) })
  const environment = environmentWorld(configuration, { database, kernels, env: process.env })
  // What was built by the command line while nothing ran.
  await mirrorEnvironments(environment)
  const looked = { configuration, places, database, library, kernels, version, clock }
  return {
    people: peopleWorld(database, configuration.oidc, url),
    library: { ...library, archives: zipArchives, fetch: (address) => readHttp(address, { env: {}, totalMs: 60_000, maxBytes: IMPORT_BYTES }) },
    zip: zipOf,
    environment,
    work: workWorld({ database, library, keys: places.keys, queue }),
    ways: { mail: configuration.smtp !== undefined, privateAddresses: configuration.webhooksInside },
    signer: signerIn(places.keys, signingKey),
    link,
    shownByExecutions: (ids) => outputsOfExecutions({ db: database.db, library }, ids),
    savedWidgets: (notebook) => savedWidgets({ db: database.db, library }, notebook),
    listen: database.listen,
    clock,
    random,
    sha256,
    log,
    ready: () => ready(looked),
    health: async () => {
      const { checks, ...rest } = await doctor(looked, { deep: false })
      return { ...rest, checks: [...checks] }
    },
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) process.exit(await runServer())
