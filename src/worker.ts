/** The worker as a process: owns kernels. It lives through restarts of the server and of PostgreSQL. */

import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { logTo } from "#api/log.ts"
import type { Configuration } from "#configuration.ts"
import { type Db, openDatabase } from "#database/index.ts"
import { importableIn } from "#environment/adapters/importable.ts"
import { type EnvironmentWorld, importableLearner, resolveEnvironment } from "#environment/index.ts"
import { openHome, type Places } from "#home.ts"
import { probeIsolation } from "#kernel/adapters/isolation.ts"
import { localKernels } from "#kernel/adapters/local.ts"
import { type Confinement, chooseIsolation, type Isolation, type IsolationLevel, type Kernels } from "#kernel/index.ts"
import { type Part, Refusal, runPart, tellSupervisor } from "#part.ts"
import { openJournal, openSessionJournal, readJournal, readSessionJournal } from "#run/adapters/journal-file.ts"
import { placed, withContent } from "#run/adapters/journal-format.ts"
import { systemTimers } from "#run/adapters/system.ts"
import { tended } from "#tended.ts"
import { loadExplorers } from "#work/adapters/explorers.ts"
import { thisHost } from "#work/adapters/host.ts"
import { listenAfar, listenLocally } from "#work/adapters/link-socket.ts"
import { scratchDirectory } from "#work/adapters/scratch-directory.ts"
import { sessionSpools } from "#work/adapters/session-spools.ts"
import { spoolDirectory } from "#work/adapters/spool-directory.ts"
import {
  SessionHost,
  type SessionHostOptions,
  serveLink,
  startWorker,
  type Wire,
  type Worker,
  type WorkerOptions,
  type WorkWorld,
} from "#work/index.ts"
import {
  auditCheckpoints,
  clock,
  environmentWorld,
  kernelsOf,
  libraryWorld,
  openBlobs,
  openQueue,
  outboundOf,
  peopleWorld,
  workWorld,
} from "#worlds.ts"

export async function runWorker(): Promise<number> {
  return runPart(begin)
}

async function begin(configuration: Configuration): Promise<Part> {
  const { databaseUrl, home, slots } = configuration
  if (databaseUrl === undefined) throw new Refusal("A worker alone needs DATABASE_URL. `stet start` brings a database along.")
  const places = openHome(home)
  const isolation = await probeIsolation()
  const level = levelOf(configuration, isolation)
  const database = openDatabase({ url: databaseUrl, poolSize: slots + 6, applicationName: "stet worker" })
  const heartbeat = openDatabase({ url: databaseUrl, poolSize: 2, applicationName: "stet worker heartbeat" })
  const library = libraryWorld(database, await openBlobs(configuration.blobs, home))
  const queue = await openQueue(database.db, { supervise: true, onError: (error) => tell(`the queue: ${error.message}`) })
  const world = workWorld({ database, library, keys: places.keys, queue })
  const kernels = kernelsOf(configuration)
  const resolving = environmentWorld(configuration, { database, kernels, env: process.env })
  const homes = kernelsByPlace(kernels)
  const link = await listening(configuration, { places, world })
  const options: WorkerOptions = {
    ...placesOf(places),
    ...boundsOf(configuration),
    host: thisHost(),
    timers: systemTimers,
    placed,
    withContent,
    keepsJournals: configuration.keep.journalDays > 0,
    heartbeatDb: heartbeat.db,
    isolation: level,
    facts: { whyNot: { ...isolation.whyNot }, limitsBy: isolation.limitsBy.who, sessionSlots: configuration.sessions },
    address: link.address,
    mostDiskBytes: configuration.kernelDiskBytes,
    pool: { warm: configuration.warm, confine: confining(level, places.scratch, configuration) },
    preparing: { ...preparing(resolving, { db: database.db, homes }), ...uncounted(configuration, isolation) },
    tell,
  }
  const worker = await startWorker(world, options)
  const { id, pool, kept } = worker
  const sessions = new SessionHost(world, { ...options, ...sessionOptions(configuration, places), worker: id, pool, kept, tell })
  sessions.start()
  link.serve(sessions)
  const stopTending = tended(
    {
      world,
      people: peopleWorld(database, undefined, "http://localhost"),
      checkpoints: await auditCheckpoints(home),
      environment: resolving,
      keep: configuration.keep,
      outbound: outboundOf(configuration),
    },
    tell,
  )
  tellSupervisor({ ready: { note: noteOf(level, slots, isolation) } })
  const close = async () => {
    stopTending()
    await link.close()
    await homes.close()
    await queue.close()
    await database.close()
    await heartbeat.close()
  }
  return {
    drain: async () => {
      await Promise.all([sessions.drain(), whileTelling(worker, () => worker.drain())])
      await close()
    },
    stop: async () => {
      await Promise.all([sessions.drain(), worker.stop()])
      await close()
    },
  }
}

const log = logTo(
  (line) => void process.stdout.write(line),
  () => clock.now(),
)

function tell(message: string, runId?: string): void {
  log({ level: "info", message, ...(runId === undefined ? {} : { runId }) })
}

type Linked = { readonly address: string; serve(host: SessionHost): void; close(): Promise<void> }

/** Servers may come before there is anybody to speak to them: they wait. */
async function listening(
  { workerListen }: Configuration,
  { places, world }: { readonly places: Places; readonly world: WorkWorld },
): Promise<Linked> {
  const early: Wire[] = []
  let host: SessionHost | undefined
  const proving = { seal: world.seal, random: world.random, after: systemTimers.after }
  // Whoever cannot prove that they hold the key is not spoken to.
  const serve = (wire: Wire) => (host ? void serveLink(host, wire, proving).catch(() => undefined) : void early.push(wire))
  const { address, close } = workerListen === undefined ? await listenLocally(places.run, serve) : await listenAfar(workerListen, world.seal, serve)
  return {
    address,
    close,
    serve(there) {
      host = there
      for (const wire of early.splice(0)) serve(wire)
    },
  }
}

const INPUT_MS = 3_600_000

function sessionOptions(
  { sessions, sessionIdleMinutes }: Configuration,
  places: Places,
): Pick<SessionHostOptions, "spools" | "explorers" | "slots" | "idleMs" | "inputMs"> {
  return {
    spools: sessionSpools(join(places.spool, "sessions"), { open: openSessionJournal, read: readSessionJournal }),
    explorers: loadExplorers(),
    slots: sessions,
    idleMs: sessionIdleMinutes * 60_000,
    inputMs: INPUT_MS,
  }
}

function placesOf(places: Places): Pick<WorkerOptions, "spools" | "scratches"> {
  return {
    spools: spoolDirectory(places.spool, { open: openJournal, read: readJournal }),
    scratches: scratchDirectory(places.scratch),
  }
}

function boundsOf({
  slots,
  leaseSeconds,
  keptKernels,
  keptKernelMinutes,
  keep,
}: Configuration): Pick<WorkerOptions, "slots" | "leaseMs" | "keptKernels" | "mostSpoolBytes"> {
  return {
    slots,
    leaseMs: leaseSeconds * 1000,
    keptKernels: { most: keptKernels, mostMs: keptKernelMinutes * 60_000 },
    mostSpoolBytes: keep.spoolBytes,
  }
}

function levelOf({ isolation: asked }: Configuration, isolation: Isolation): IsolationLevel {
  const chosen = chooseIsolation(asked, isolation)
  if (chosen.ok) return chosen.value
  throw new Refusal(`${chosen.refusal.message} ${chosen.refusal.remedy}`)
}

/** A run's own bounds; the machine is shared with others of its kind. */
const PROCESSES = 512
const FILE_BYTES = 10_000_000_000
const OPEN_FILES = 4096

function confining(
  level: IsolationLevel,
  scratchRoot: string,
  { kernelMemoryBytes: memoryBytes, kernelCpus: cpus, dataFolders: readable }: Configuration,
): (scratch: string) => Confinement {
  return (scratch) => ({
    level,
    scratch,
    scratchRoot,
    network: true,
    readable,
    memoryBytes,
    ...(cpus === undefined ? {} : { cpus }),
    processes: PROCESSES,
    fileBytes: FILE_BYTES,
    openFiles: OPEN_FILES,
  })
}

type Learning = { readonly db: Db; readonly homes: ReturnType<typeof kernelsByPlace> }

/** Names the environment of a run or session; what can be imported there is found out beside it. */
function learning(world: EnvironmentWorld, { db, homes }: Learning): WorkerOptions["preparing"]["resolve"] {
  const learn = importableLearner({
    db,
    ask: async ({ kernelName, launch }) => {
      const kernel = (await homes.of(launch.jupyterPath).list()).find(({ name }) => name === kernelName)
      return kernel && importableIn(kernel, launch.prefix, process.env)
    },
    tell,
  })
  return async (asking) => {
    const resolved = await resolveEnvironment(world, asking)
    if (resolved.ok) void learn(resolved.value)
    return resolved
  }
}

function preparing(world: EnvironmentWorld, there: Learning): WorkerOptions["preparing"] {
  return { resolve: learning(world, there), kernels: ({ launch }) => there.homes.of(launch.jupyterPath) }
}

/** Processors that a kernel may use where no group counts them. */
function uncounted({ kernelCpus = Number.POSITIVE_INFINITY }: Configuration, { processorBy }: Isolation): { readonly uncountedCpus?: number } {
  return processorBy.who === "cgroup" ? {} : { uncountedCpus: kernelCpus }
}

/** Kernels of the machine, and of each environment that was built: its own kernelspecs come before all others. */
function kernelsByPlace(machine: Kernels): { of(jupyterPath: string | undefined): Kernels; close(): Promise<void> } {
  const built = new Map<string, Kernels>()
  return {
    of(jupyterPath) {
      if (jupyterPath === undefined) return machine
      const known = built.get(jupyterPath)
      if (known) return known
      const path = [jupyterPath, process.env["JUPYTER_PATH"]].filter(Boolean).join(":")
      const made = localKernels({ env: { ...process.env, JUPYTER_PATH: path, JUPYTER_PREFER_ENV_PATH: "0" } })
      built.set(jupyterPath, made)
      return made
    },
    close: async () => void (await Promise.all([machine, ...built.values()].map((kernels) => kernels.close()))),
  }
}

function noteOf(level: IsolationLevel, slots: number, { whyNot }: Isolation): string {
  const words = {
    L0: "kernels run as your own user",
    L1: "each kernel has a user of its own",
    L2: "each kernel has a user and namespaces of its own",
  }
  const why = level === "L0" ? ` ${whyNot.L1 ?? ""}` : ""
  return `The worker takes ${slots} runs at once; isolation ${level}: ${words[level]}.${why}`
}

/** Says now and then what is still waited for. */
async function whileTelling(worker: Worker, work: () => Promise<void>): Promise<void> {
  const say = () => tellSupervisor({ draining: worker.running() })
  say()
  const timer = setInterval(say, 10_000)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) process.exit(await runWorker())
