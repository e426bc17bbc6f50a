/**
 * `npm run attack -- [--only text] [--short]`: one platform, and every attack on it one after the other. Prints what was tried
 * and what got through; exit 1 when something did, or when a hole made for it was not found.
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
try {
  for (const { name, run, check } of ATTACKS.filter(({ name }) => name.includes(options.only))) {
    for (const [what, work] of [
      [name, run],
      [`${name}, found where there is one`, check],
    ] as const) {
      const since = performance.now()
      const done = work?.(target, tier)
      if (done) tell(what, await done.catch((error: Error) => ({ tried: 0, holes: [`could not be tried: ${error.stack}`] })), since)
    }
  }
} finally {
  await target.close()
}
say(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
