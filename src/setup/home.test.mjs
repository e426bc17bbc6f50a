import { spawnSync } from "node:child_process"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { refusedHome } from "./home.mjs"

const ROOT = new URL("../..", import.meta.url).pathname

test.runIf(process.platform === "linux")("a home below /proc is refused at once, by a sentence, where making it would never end", () => {
  const env = { ...process.env, STET_HOME: "/proc/x/y" }
  for (const words of [["src/stet.ts", "run", "examples/sample.ipynb", "-"], ["scripts/start.mjs"]]) {
    const { stderr, status } = spawnSync(process.execPath, words, { cwd: ROOT, env, encoding: "utf8", timeout: 20_000 })
    expect([status, stderr]).toEqual([
      3,
      expect.stringMatching(
        /Stet's home directory \/proc\/x\/y cannot be made: \/proc is no place for files\.\n +?Set STET_HOME|cannot be made: \/proc is no place for files\.\nSet STET_HOME/,
      ),
    ])
  }
})

test("any other home may be tried", () => {
  expect(refusedHome(join(tmpdir(), "is", "not", "there"))).toBe(undefined)
  expect(refusedHome("/no/such/place")).toBe(undefined)
})
