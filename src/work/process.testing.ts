/** A worker in a process of its own, to be killed: `node process.testing.ts {"url", "home", "leaseMs", "slots", "warm", "real"}`. */

import { localKernels } from "#kernel/adapters/local.ts"
import { scriptedKernels, stdout, waits } from "#kernel/adapters/scripted.ts"
import { openSite, workerOptions } from "#work/testing.ts"
import { startWorker } from "#work/worker.ts"

const spec = JSON.parse(process.argv[2] ?? "{}") as { url: string; home: string; leaseMs: number; slots: number; warm?: number; real?: boolean }
const { database, world } = await openSite(spec)
// Five lines a cell, with a while between them.
const scripted = () =>
  scriptedKernels(({ code }) => Array.from({ length: 5 }, (_, line) => [stdout(`${code} ${line}\n`), waits(3)]).flat(), { tickMs: 5 })
const kernels = spec.real ? localKernels() : scripted()
const tell = (line: string) => process.stderr.write(`${line}\n`)
const worker = await startWorker(world, workerOptions(spec, database, { ...spec, kernels, kernelName: spec.real ? "python3" : "script", tell }))
process.stdout.write("ready\n")
process.on("SIGTERM", () => void worker.drain().then(() => process.exit(0)))
