/** `npm run attack` in its short size, on a platform that runs: what it says is what counts. */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"

const ROOT = fileURLToPath(new URL("..", import.meta.url))

test("every attack is held off, and what was planted is found", async () => {
  const { code, text } = await attacked("--short")
  expect(text).not.toMatch(/^FAILED|^ +!/m)
  expect(text.match(/^held .*: [1-9]\d* tried, 0 got through/gm)?.length).toBe(13)
  expect([code, text.trimEnd().split("\n").at(-1)]).toEqual([0, "13 passed, 0 failed"])
}, 300_000)

function attacked(...args: readonly string[]): Promise<{ readonly code: number | null; readonly text: string }> {
  const child = spawn(process.execPath, ["attack/main.ts", ...args], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] })
  let text = ""
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (bytes) => {
      text += bytes.toString()
    })
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, text })))
}
