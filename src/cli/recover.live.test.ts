import { execFileSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { afterAll, expect, test } from "vitest"
import { desk, until } from "#cli/testing.ts"

const here = desk()
afterAll(() => here.clear())

const COUNTING = "import os, sys\nopen('kernel.pid', 'w').write(str(os.getpid()))\ni = 0\nwhile True:\n    print('line', i, flush=True)\n    i += 1"

/** A journal of this size holds lines of the second cell. */
const LINES_HEARD_BYTES = 20_000

function journals(): string[] {
  const folder = join(here.home, "journals")
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
}

function isAlive(pid: number): boolean {
  try {
    // A zombie whose parent has not looked yet is dead all the same.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return false
  }
}

test("killed at any instant, a run can be recovered as far as it got, and its kernel is gone", async () => {
  const input = here.notebook("count.ipynb", "print('before')", COUNTING, "print('never')")
  for (const waitMs of [0, 15, 60, 150, 400]) {
    const run = here.start("run", input, "--force", "-q")
    const journal = await until(() => journals()[0])
    await until(() => existsSync(join(here.folder, "kernel.pid")))
    const pid = Number(await until(() => readFileSync(join(here.folder, "kernel.pid"), "utf8")))
    if (waitMs >= 100) await until(() => statSync(journal).size > LINES_HEARD_BYTES)
    await new Promise((next) => setTimeout(next, waitMs))
    run.kill("SIGKILL")
    await run.said
    const recovered = await here.stet("recover", journal, join(here.folder, "saved.ipynb"))
    expect([recovered.code, recovered.err]).toEqual([0, expect.stringMatching(/^lost.*The process that drove this run died\./)])
    const { cells, metadata } = JSON.parse(readFileSync(join(here.folder, "saved.ipynb"), "utf8"))
    expect(metadata.stet.run.status).toBe("lost")
    const states = cells.map((cell: { metadata: { stet: { state: string } } }) => cell.metadata.stet.state).join(" ")
    // Killed at once, nothing may have been heard of what was sent, or the first cell's end not yet, and the second may be on the
    // wire behind it; later the first must have been heard.
    expect(states).toMatch(waitMs < 100 ? /^(not_run not_run|lost not_run|lost lost|succeeded lost) not_run$/ : /^succeeded lost not_run$/)
    if (states.startsWith("succeeded")) expect(cells[0].outputs[0].text).toEqual(["before\n"])
    if (waitMs >= 100) expect(cells[1].outputs).toHaveLength(1)
    const lines: string[] = cells[1].outputs[0]?.text ?? []
    expect(lines).toEqual(lines.map((_, index) => `line ${index}\n`))
    await until(() => !isAlive(pid))
    expect(journals()).toEqual([])
    execFileSync("rm", ["-f", join(here.folder, "kernel.pid")])
  }
}, 120_000)

test("without a journal's name the ones that are left are listed", async () => {
  expect((await here.stet("recover")).out).toMatch(/every run ended and was saved/)
})

test("what is no journal is refused in one sentence", async () => {
  const path = here.write("no.journal", "hello")
  const said = await here.stet("recover", path)
  expect([said.code, said.err]).toEqual([3, `stet: ${path} is not a journal of Stet.\n`])
})
