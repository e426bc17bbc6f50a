/**
 * `npm run attack -- [--only text] [--short]`: one platform, and every attack on it one after the other. Prints what was tried
 * and what got through; exit 1 when something did, or when what was planted was not found.
 */
import { parseArgs } from "node:util"
import { ATTACKS } from "./all.ts"
import type { Tally } from "./attack.ts"
import { startTarget } from "./target.ts"

const { values: options } = parseArgs({ options: { only: { type: "string", default: "" }, short: { type: "boolean", default: false } } })
const tier = options.short ? "short" : "full"
const say = (line: string) => void process.stdout.write(`${line}\n`)
let passed = 0
let failed = 0

function tell(name: string, { tried, holes, notes = [] }: Tally, since: number): void {
  const isHeld = holes.length === 0 && tried > 0
  if (isHeld) passed++
  else failed++
  say(`${isHeld ? "held  " : "FAILED"} ${name}: ${tried} tried, ${holes.length} got through, ${((performance.now() - since) / 1000).toFixed(1)} s`)
  for (const note of notes) say(`         ${note}`)
  for (const hole of holes.slice(0, 40)) say(`       ! ${hole}`)
  if (holes.length > 40) say(`       ! and ${holes.length - 40} more`)
}

const target = await startTarget()
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void target.close().then(() => process.exit(1)))
const wanted = ATTACKS.filter(({ name }) => name.includes(options.only))

async function tried(name: string, work: () => Promise<Tally>): Promise<void> {
  const since = performance.now()
  const { platform } = target
  const broken = (error: Error) => ({ tried: 0, holes: [`could not be tried: ${error.stack}`, ...platform.lately()] })
  tell(name, await work().catch(broken), since)
}

try {
  const besides = wanted.filter(({ waits }) => waits).map(({ name, run }) => tried(name, () => run(target, tier)))
  // Long ones are their own load; in the short size others are attacked meanwhile.
  if (tier === "full") await Promise.all(besides)
  for (const { name, run, isLast } of wanted.filter(({ waits }) => !waits)) {
    if (isLast) await Promise.all(besides)
    await tried(name, () => run(target, tier))
  }
  await Promise.all(besides)
} finally {
  await target.close()
}
say(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
