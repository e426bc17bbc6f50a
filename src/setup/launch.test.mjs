import { spawn } from "node:child_process"
import { once } from "node:events"
import { expect, test } from "vitest"

const LAUNCH = JSON.stringify(new URL("./launch.mjs", import.meta.url).href)

/**
 * A process that becomes another one, which runs `script`.
 *
 * @param {string} script
 * @param {{ detached?: boolean }} [options] detached: in a group of its own
 */
function launched(script, { detached = false } = {}) {
  const outer = `import { becomeProgram } from ${LAUNCH}; await becomeProgram(process.execPath, ["--input-type=module", "-e", ${JSON.stringify(script)}], process.env)`
  const child = spawn(process.execPath, ["--input-type=module", "-e", outer], { stdio: ["ignore", "pipe", "inherit"], detached })
  child.stdout.setEncoding("utf8")
  return child
}

test.each([0, 1, 75])("exit code %i is passed on", async (code) => {
  expect(await once(launched(`process.exit(${code})`), "exit")).toEqual([code, null])
})

test("an end by signal is passed on", async () => {
  expect(await once(launched(`process.kill(process.pid, "SIGKILL")`), "exit")).toEqual([null, "SIGKILL"])
})

test.each(/** @type {const} */ (["SIGTERM", "SIGINT", "SIGHUP"]))("%s reaches the inner process once, which decides how to end", async (signal) => {
  const child = launched(`
    let heard = 0
    process.on("${signal}", () => { heard++; setTimeout(() => process.exit(40 + heard), 200) })
    setInterval(() => {}, 1000)
    console.log("ready")`)
  await once(child.stdout, "data")
  child.kill(signal)
  expect(await once(child, "exit")).toEqual([41, null])
})

test("a signal to the whole group, which comes twice, is heard once", async () => {
  const child = launched(
    `
    import { endWithLauncher } from ${LAUNCH}
    endWithLauncher()
    let heard = 0
    process.on("SIGTERM", () => { heard++; setTimeout(() => process.exit(40 + heard), 200) })
    setInterval(() => {}, 1000)
    console.log("ready")`,
    { detached: true },
  )
  await once(child.stdout, "data")
  process.kill(-(child.pid ?? 0), "SIGTERM")
  expect(await once(child, "exit")).toEqual([41, null])
})

test("when the outer process is killed outright the inner one is asked to end", async () => {
  const child = launched(`
    import { endWithLauncher } from ${LAUNCH}
    endWithLauncher()
    process.on("SIGTERM", () => { console.log("asked"); process.exit(0) })
    setInterval(() => {}, 1000)
    console.log("ready", process.env.STET_LAUNCHER)`)
  let said = ""
  child.stdout.on("data", (text) => {
    said += text
    if (text.startsWith("ready")) child.kill("SIGKILL")
  })
  // The pipe closes when its last holder, the inner process, is gone.
  await once(child.stdout, "close")
  expect(said).toBe("ready undefined\nasked\n")
})
