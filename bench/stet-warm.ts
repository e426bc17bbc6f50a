/**
 * A run in a process of Stet that is already there, as a worker's is: stet-warm.ts forked|prewarmed IN OUT SPAN
 *
 * `forked`: the zygote is up, the kernel is not. `prewarmed`: the kernel is up too, and unused. SPAN receives when the run
 * was asked for and when its result was saved, so that the start of this very process does not count.
 */
import { writeFileSync } from "node:fs"
import { openEngine } from "./engine.ts"

const [how, from, to, span] = process.argv.slice(2) as [string, string, string, string]
const engine = openEngine()
try {
  await engine.run({ from, to })
  const kernel = how === "prewarmed" ? await engine.startKernel() : undefined
  const beganNs = BigInt(Date.now()) * 1_000_000n
  const began = performance.now()
  const run = await engine.run({ from, to, ...(kernel === undefined ? {} : { kernel }) })
  const wall_s = (performance.now() - began) / 1000
  writeFileSync(span, JSON.stringify({ began_at_ns: String(beganNs), wall_s }))
  process.exitCode = run.status === "succeeded" ? 0 : 1
} finally {
  await engine.close()
}
