// npm run walk: follows one value through the whole of Stet and tells every station.
import "../src/setup/floor.mjs"
import { join } from "node:path"
import { enter, ROOT } from "../src/setup/enter.mjs"
import { becomeProgram } from "../src/setup/launch.mjs"
import { prepareTestWorld } from "./test-world.mjs"

await enter({ development: true }, async ({ home, step }) => {
  const { env } = await prepareTestWorld({ home, step })
  const vitest = join(ROOT, "node_modules", "vitest", "vitest.mjs")
  process.chdir(ROOT)
  await becomeProgram(process.execPath, [vitest, "run", "src/walk", "--reporter=verbose"], env)
})
