// npm run bench: Stet beside papermill and nbclient, in the Python environment of the tests. `-- platform`: the platform alone;
// `-- web`: the web app beside JupyterLab; `-- analysis`: readiness and differences; `-- library`: lists and searches at their design size.
import "../src/setup/floor.mjs"
import { join } from "node:path"
import { enter, ROOT } from "../src/setup/enter.mjs"
import { becomeProgram } from "../src/setup/launch.mjs"
import { prepareTestWorld } from "./test-world.mjs"
import { usageOf, wantsUsage } from "./usage.mjs"
import { ensureWeb } from "./web.mjs"

const what = ["platform", "web", "analysis", "library"].includes(process.argv[2] ?? "") ? process.argv[2] : "main"
if (wantsUsage()) {
  process.stdout.write(usageOf(join(ROOT, "bench", `${what}.ts`)))
  process.exit(0)
}

await enter({ development: true }, async ({ home, step }) => {
  const { env } = await prepareTestWorld({ home, step })
  if (what === "web") await ensureWeb({ home, step })
  await becomeProgram(process.execPath, [join(ROOT, "bench", `${what}.ts`), ...process.argv.slice(2)], env)
})
