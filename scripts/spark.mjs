// npm run test:spark: the Spark example with real Spark, as it is with a planted mistake that its test cases must find, and abused. Apart from
// npm test because it needs a Java runtime and downloads some 450 MB, once.
import "../src/setup/floor.mjs"
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"
import { onPath } from "../src/setup/command.mjs"
import { enter, ROOT } from "../src/setup/enter.mjs"
import { ensureEnvironment } from "../src/setup/python.mjs"

const EXAMPLE = join(ROOT, "examples", "templates", "spark-sql")
const PLANTED = { line: "HAVING sum(quantity * price) >= :at_least", instead: "HAVING sum(quantity * price) > 0 * :at_least" }

await enter({ development: true }, async ({ home, step }) => {
  if (!onPath("java") && !process.env.JAVA_HOME) {
    process.stdout.write("MISSING: java. Spark needs a Java runtime of 17 or newer: apt-get install openjdk-17-jre-headless\n0 passed, 1 failed\n")
    process.exitCode = 1
    return
  }
  const { python } = await ensureEnvironment({
    home,
    name: "test-spark",
    what: "what the Spark example runs in",
    requirements: fileURLToPath(new URL("../src/setup/requirements-test-spark.txt", import.meta.url)),
    needs: ["ipykernel", "pandas", "pyspark"],
    step,
  })
  const folder = await mkdtemp(join(tmpdir(), "stet-spark-"))
  try {
    const env = { ...process.env, JUPYTER_PATH: [await kernelIn(folder, python), process.env.JUPYTER_PATH].filter(Boolean).join(delimiter) }
    const isGood = test(EXAMPLE, env) === 0
    const isFound = test(await planted(folder), env) === 1
    const isHeld = await abused(folder, env)
    const passed = Number(isGood) + Number(isFound) + Number(isHeld)
    process.stdout.write(
      `as it is: ${isGood ? "passed" : "FAILED"}; with a planted mistake: ${isFound ? "found" : "NOT FOUND"}; abused: ${isHeld ? "held" : "FAILED"}\n${passed} passed, ${3 - passed} failed\n`,
    )
    process.exitCode = passed === 3 ? 0 : 1
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

/**
 * @param {string} folder
 * @param {string} python
 */
async function kernelIn(folder, python) {
  const spec = join(folder, "jupyter", "kernels", "python3")
  await mkdir(spec, { recursive: true })
  const argv = [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
  // Spark starts workers by this name.
  const env = { PYSPARK_PYTHON: python }
  await writeFile(join(spec, "kernel.json"), JSON.stringify({ argv, env, display_name: "Python 3 (Spark)", language: "python" }))
  return join(folder, "jupyter")
}

/** @param {string} folder */
async function planted(folder) {
  const copy = join(folder, "planted")
  await cp(EXAMPLE, copy, { recursive: true })
  const path = join(copy, "spark-sql.ipynb")
  const text = await readFile(path, "utf8")
  if (!text.includes(PLANTED.line)) throw new Error(`the example has no line ${PLANTED.line}`)
  await writeFile(path, text.replace(PLANTED.line, PLANTED.instead))
  return copy
}

/**
 * Whether its text parameter neither obeys a command nor reads what is not beside it, and each ends with a name.
 *
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 */
async function abused(folder, env) {
  const copy = join(folder, "abused")
  await cp(EXAMPLE, copy, { recursive: true })
  await cp(join(EXAMPLE, "sales.csv"), join(folder, "outside.csv"))
  const touched = join(folder, "touched")
  // Each costs a Spark of its own.
  const elsewhere = [`file://${folder}/outside.csv`, "{x,../outside}.csv"]
  const commands = [`x$(touch ${touched})\`touch ${touched}\`; touch ${touched} # "); open("${touched}", "w") #`]
  const tests = [
    ...elsewhere.map((source, at) => ({
      name: `elsewhere ${at}`,
      parameters: { source },
      expects: { fails_with: "ValueError", message: "beside the notebook" },
    })),
    ...commands.map((source, at) => ({ name: `command ${at}`, parameters: { source }, expects: "fails" })),
  ]
  await writeFile(join(copy, "spark-sql.stet.yaml"), JSON.stringify({ tests }))
  return test(copy, env, "--yes") === 0 && !existsSync(touched)
}

/**
 * The exit code.
 *
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly string[]} flags
 */
function test(folder, env, ...flags) {
  const words = ["test", folder, "--jobs", "1", "--timeout", "300", ...flags]
  return spawnSync(process.execPath, [join(ROOT, "bin", "stet.js"), ...words], { env, stdio: "inherit" }).status
}
