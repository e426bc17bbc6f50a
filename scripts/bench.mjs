// npm run bench: Stet beside papermill and nbclient, in the Python environment of the tests. `-- platform`: the platform alone.
import "../src/setup/floor.mjs"
import { join } from "node:path"
import { enter, ROOT } from "../src/setup/enter.mjs"
import { becomeProgram } from "../src/setup/launch.mjs"
import { prepareTestWorld } from "./test-world.mjs"

await enter({ development: true }, async ({ home, step }) => {
  const { env } = await prepareTestWorld({ home, step })
  const isPlatform = process.argv[2] === "platform"
  await becomeProgram(process.execPath, [join(ROOT, "bench", isPlatform ? "platform.ts" : "main.ts"), ...process.argv.slice(2)], env)
})
