// npm run db:dump: writes db/schema.sql and src/database/tables.ts from what db/*.sql make of an empty database.
// With --check nothing is written; it fails when they are not up to date.
import "../src/setup/floor.mjs"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { enter, ROOT } from "../src/setup/enter.mjs"

const FILES = { schema: "db/schema.sql", types: "src/database/tables.ts" }

await enter({ development: true }, async () => {
  // Only now is there a Node that reads TypeScript.
  const { dumpSchema } = await import("../src/database/catalog/dump.ts")
  const { emptyDatabase } = await import("../src/database/testing.ts")
  const texts = await dumpSchema(await emptyDatabase("stet"))
  for (const [what, name] of Object.entries(FILES)) {
    const text = texts[/** @type {keyof typeof FILES} */ (what)]
    if ((await readFile(join(ROOT, name), "utf8").catch(() => "")) === text) continue
    if (process.argv.includes("--check")) {
      process.stderr.write(`${name} is not what db/*.sql give: run npm run db:dump.\n`)
      process.exitCode = 1
    } else {
      await writeFile(join(ROOT, name), text)
      process.stdout.write(`Wrote ${name}.\n`)
    }
  }
})
