/** The short tier: cases in their small size, as tests. `npm run faults` is the full one. */
import { afterAll, test } from "vitest"
import { chanceFrom } from "./chance.ts"
import { type Case, tried } from "./trial.ts"

const SEED = Number(process.env["STET_TEST_SEED"] ?? Math.floor(Math.random() * 1e9))
const mayMount = process.getuid?.() === 0

/** In CI what is missing is a failure. */
function has({ needs }: Case): boolean {
  return !needs || needs() !== undefined || process.env["CI"] === "true"
}

export function shortTier(cases: readonly Case[]): void {
  const lines: string[] = []
  afterAll(() => process.stdout.write(`seed ${SEED}\n${lines.join("\n")}\n`))
  for (const one of cases)
    test.runIf(process.platform === "linux" && (mayMount || !one.mounts) && has(one))(one.name, { timeout: 300_000 }, async () => {
      await tried(one, { chance: chanceFrom(SEED), tier: "short", tell: (line) => void lines.push(line) })
    })
}
