/**
 * `npm run faults -- [--seed 7] [--only text] [--short]`: every case in its full size, one after the other, each on homes of its
 * own. Prints its seed first; exit 1 when a promise was broken.
 */
import { parseArgs } from "node:util"
import { ALL } from "./all.ts"
import { chanceFrom } from "./chance.ts"
import { tried } from "./trial.ts"

const { values: options } = parseArgs({
  options: { seed: { type: "string" }, only: { type: "string", default: "" }, short: { type: "boolean", default: false } },
})
const seed = Number(options.seed ?? Math.floor(Math.random() * 1e9))
const tier = options.short ? "short" : "full"
let failed = 0

for (const one of ALL.filter(({ name }) => name.includes(options.only))) {
  process.stdout.write(`\n${one.name}\n  seed ${seed}\n`)
  const since = performance.now()
  const tell = (line: string) => void process.stdout.write(`${line.replaceAll(/^/gm, "  ")}\n`)
  try {
    await tried(one, { chance: chanceFrom(seed), tier, tell })
    tell(`held, ${((performance.now() - since) / 1000).toFixed(1)} s`)
  } catch (error) {
    failed++
    tell(`FAILED, ${((performance.now() - since) / 1000).toFixed(1)} s: ${error instanceof Error ? error.stack : String(error)}`)
  }
}
process.stdout.write(`\n${failed === 0 ? "Every promise held." : `${failed} cases broke a promise.`} (seed ${seed})\n`)
process.exit(failed === 0 ? 0 : 1)
