import "../src/setup/floor.mjs"
import { enter } from "../src/setup/enter.mjs"
import { ARCHITECTURE, CHECKS, runChecks } from "./checks.mjs"

await enter({ development: true }, async () => {
  const { failed } = await runChecks([...CHECKS, ARCHITECTURE])
  if (failed > 0) process.exitCode = 1
})
