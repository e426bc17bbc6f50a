/** A host of live sessions in a process of its own, to be killed: `node session.process.testing.ts {"url", "home", "leaseMs"}`. */
import { localKernels } from "#kernel/adapters/local.ts"
import { hostSessions } from "#work/session.testing.ts"
import { openSite } from "#work/testing.ts"

const spec = JSON.parse(process.argv[2] ?? "{}") as { url: string; home: string; leaseMs: number }
const { database, world } = await openSite(spec)
await hostSessions({ ...spec, database, world }, { kernels: localKernels(), leaseMs: spec.leaseMs })
process.stdout.write("ready\n")
