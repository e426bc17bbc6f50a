/** One process of Stet running many notebooks at once, as a worker does: stet-many.ts IN OUT [IN OUT]… (kernels forked from a zygote). */
import { openEngine } from "./engine.ts"

const paths = process.argv.slice(2)
const engine = openEngine()
try {
  const runs = paths.flatMap((from, i) => (i % 2 === 0 ? [engine.run({ from, to: paths[i + 1]! })] : []))
  const ended = await Promise.all(runs)
  const failed = ended.filter((run) => run.status !== "succeeded")
  for (const run of failed) process.stderr.write(`${run.order.input}: ${run.status} (${run.reason})\n`)
  process.exitCode = failed.length === 0 ? 0 : 1
} finally {
  await engine.close()
}
