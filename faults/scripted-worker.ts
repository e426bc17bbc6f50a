/**
 * The worker as it is, but its kernels answer from a script: each cell prints five lines, and then stands still as long as there is a file
 * `still` in the home. For what is about many runs.
 */
import { existsSync } from "node:fs"
import { availableParallelism, homedir } from "node:os"
import { join } from "node:path"
import { accepted } from "../src/base/outcome.ts"
import { readConfiguration } from "../src/configuration.ts"
import { openDatabase } from "../src/database/index.ts"
import { openHome } from "../src/home.ts"
import { hangs, scriptedKernels, stdout, waits } from "../src/kernel/adapters/scripted.ts"
import { openJournal, readJournal } from "../src/run/adapters/journal-file.ts"
import { placed, withContent } from "../src/run/adapters/journal-format.ts"
import { systemTimers } from "../src/run/adapters/system.ts"
import { thisHost } from "../src/work/adapters/host.ts"
import { scratchDirectory } from "../src/work/adapters/scratch-directory.ts"
import { spoolDirectory } from "../src/work/adapters/spool-directory.ts"
import { startWorker } from "../src/work/index.ts"
import { libraryWorld, openBlobs, openQueue, workWorld } from "../src/worlds.ts"

const read = readConfiguration(process.env, { userHome: homedir(), cores: availableParallelism(), cwd: process.cwd() })
if (!read.ok) throw new Error(read.refusal.join(" "))
const { databaseUrl: url = "", home, blobs, slots, leaseSeconds, keep } = read.value
const places = openHome(home)
const database = openDatabase({ url, poolSize: slots + 6, applicationName: "stet worker" })
const heartbeat = openDatabase({ url, poolSize: 2, applicationName: "stet worker heartbeat" })
const library = libraryWorld(database, await openBlobs(blobs, home))
const queue = await openQueue(database.db, { supervise: true })
const isStill = () => existsSync(join(home, "still"))
const printing = (code: string) => Array.from({ length: 5 }, (_, line) => [stdout(`${code} ${line}\n`), waits(1)]).flat()
const kernels = scriptedKernels(({ code }) => [...printing(code), ...(isStill() ? [hangs()] : [])], { tickMs: 1 })
const worker = await startWorker(workWorld({ database, library, keys: places.keys, queue }), {
  spools: spoolDirectory(places.spool, { open: openJournal, read: readJournal }),
  scratches: scratchDirectory(places.scratch),
  host: thisHost(),
  timers: systemTimers,
  placed,
  withContent,
  keepsJournals: true,
  heartbeatDb: heartbeat.db,
  slots,
  leaseMs: leaseSeconds * 1000,
  isolation: "L0",
  keptKernels: { most: 0, mostMs: 0 },
  mostSpoolBytes: keep.spoolBytes,
  mostDiskBytes: 10_000_000_000,
  pool: { warm: 0 },
  preparing: {
    resolve: async () =>
      accepted({
        sha256: "e".repeat(64),
        name: "script",
        kind: "captured",
        kernelName: "script",
        launch: { jupyterPath: undefined, prefix: undefined },
      }),
    kernels: () => kernels,
  },
  tell: (line) => void process.stdout.write(`${line}\n`),
})
process.send?.({ ready: {} })
process.on("SIGTERM", () => void worker.drain().then(() => process.exit(0)))
