// npm run faults: every way in which the platform is broken on purpose, in full size. `-- --only text`, `-- --seed 7`, `-- --short`.
import "../src/setup/floor.mjs"
import { join } from "node:path"
import { enter, ROOT } from "../src/setup/enter.mjs"
import { becomeProgram } from "../src/setup/launch.mjs"
import { prepareTestWorld } from "./test-world.mjs"
import { usageOf, wantsUsage } from "./usage.mjs"

if (wantsUsage()) {
  process.stdout.write(usageOf(join(ROOT, "faults", "main.ts")))
  process.exit(0)
}

await enter({ development: true }, async ({ home, step }) => {
  const { env } = await prepareTestWorld({ home, step })
  await becomeProgram(process.execPath, [join(ROOT, "faults", "main.ts"), ...process.argv.slice(2)], env)
})
