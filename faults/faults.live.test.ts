/** The short tier: every case in its small size. `npm run faults` is the full one. */
import { afterAll, describe, test } from "vitest"
import { ALL } from "./all.ts"
import { chanceFrom } from "./chance.ts"
import { tried } from "./trial.ts"

const SEED = Number(process.env["STET_TEST_SEED"] ?? Math.floor(Math.random() * 1e9))
const mayMount = process.platform === "linux" && process.getuid?.() === 0
const lines: string[] = []
afterAll(() => process.stdout.write(`seed ${SEED}\n${lines.join("\n")}\n`))

describe("whatever is done to it, the platform keeps its promises", () => {
  for (const one of ALL.filter(({ isLong, mounts }) => !isLong && (mayMount || !mounts)))
    test.runIf(process.platform === "linux")(one.name, { timeout: 300_000 }, async () => {
      await tried(one, { chance: chanceFrom(SEED), tier: "short", tell: (line) => void lines.push(`${one.name}: ${line}`) })
    })
})
