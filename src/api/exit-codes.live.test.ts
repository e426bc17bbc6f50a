/** The exit codes of `stet run --server` (docs/cli.md), each from what really happened: by them a scheduler knows what to do next. */
import { afterAll, beforeAll, expect, test } from "vitest"
import { type ApiTest, apiTest, type Someone } from "#api/testing.ts"
import { type Desk, desk, until } from "#cli/testing.ts"
import { dies, error, hangs, scriptedKernels, stdout } from "#kernel/adapters/scripted.ts"
import type { Worker } from "#work/index.ts"

const kernels = scriptedKernels({
  hello: stdout("hello\n"),
  raises: error("ValueError", "no"),
  dies: dies({ signal: "SIGKILL" }),
  slow: [stdout("working\n"), hangs()],
})

let api: ApiTest
let it: Desk
let url: string
let worker: Worker

beforeAll(async () => {
  api = await apiTest(
    { hosts: "any" },
    (world) => ({ ...world, work: { ...world.work, mostQueued: 2 } }),
    // What the server says is what it says; only the pause that it asks for is shortened.
    (server) => server.addHook("onSend", async (_request, reply) => void (reply.hasHeader("retry-after") && reply.header("retry-after", "1"))),
  )
  await api.server.listen({ port: 0, host: "127.0.0.1" })
  url = `http://127.0.0.1:${(api.server.server.address() as { port: number }).port}`
  const admin: Someone = await api.withToken(await api.someone("Admin", "administrator"), "read", "run")
  it = desk({ STET_SERVER: url, STET_TOKEN: admin.token ?? "" })
  for (const cell of ["hello", "raises", "dies", "slow"]) await api.platform.notebook(`${cell}.ipynb`, "script", cell)
  worker = await api.platform.worker({ kernels })
})
afterAll(async () => {
  it.clear()
  await api.close()
})

const run = (...words: readonly string[]) => it.stet("run", "--server", url, ...words)

test.each([
  [0, "team/hello.ipynb", /Succeeded/],
  [1, "team/raises.ipynb", /ValueError/],
  [3, "team/dies.ipynb", /kernel/i],
] as const)("%i for %s", async (code, notebook, says) => {
  const said = await run(notebook)
  expect([said.code, said.err]).toEqual([code, expect.stringMatching(says)])
})

test("2 for what cannot be run as it is asked for, whoever refuses it, and nothing is run", async () => {
  const before = await api.ask("GET", "/api/v1/runs?limit=200", { as: await api.someone("Reader", "administrator") })
  for (const words of [
    ["team/absent.ipynb"],
    ["team/hello.ipynb", "-p", "region", "EU"],
    ["team/hello.ipynb@99"],
    ["team/hello.ipynb", "--frobnicate"],
  ]) {
    const said = await run(...words)
    expect([words, said.code, said.out]).toEqual([words, 2, ""])
  }
  const denied = await it.stet("run", "--server", url, "--token-file", it.write("token", "stet_nobody"), "team/hello.ipynb")
  expect([denied.code, denied.err]).toEqual([2, expect.stringContaining("stet sign-in")])
  const after = await api.ask("GET", "/api/v1/runs?limit=200", { as: await api.someone("Reader", "administrator") })
  expect(after.json.items.length).toBe(before.json.items.length)
})

test("3 when nobody answers at that address", async () => {
  const said = await it.stet("run", "--server", "http://127.0.0.1:1", "team/hello.ipynb")
  expect([said.code, said.err]).toEqual([3, expect.stringContaining("no answer")])
})

test("4 when it is interrupted, and the run is cancelled with it", async () => {
  const child = it.start("run", "--server", url, "team/slow.ipynb", "--log-output")
  let out = ""
  child.stdout?.on("data", (bytes) => {
    out += bytes
  })
  await until(() => out.includes("working"))
  child.kill("SIGINT")
  const said = await child.said
  expect([said.code, said.err]).toEqual([4, expect.stringContaining("cancelled")])
  const id = /Run ([0-9A-Z]{26})/.exec(said.err)?.[1] ?? ""
  expect(await api.platform.until(id)).toMatchObject({ state: "cancelled" })
})

test("75 when more wait than the platform keeps in line, and how many do; who waits for a place gets one", async () => {
  await worker.stop()
  const waiting = [await run("team/hello.ipynb", "--no-wait"), await run("team/hello.ipynb", "--no-wait")]
  expect(waiting.map(({ code }) => code)).toEqual([0, 0])
  const full = "No run more is taken: 2 wait already, and this platform keeps 2 in line"
  const atOnce = await run("team/hello.ipynb", "--key", "once", "--wait-for-place", "0")
  expect([atOnce.code, atOnce.out, atOnce.err]).toEqual([75, "", expect.stringContaining(full)])
  expect(atOnce.err).toContain("Nothing was ordered. To wait longer: --wait-for-place 1h.")
  const inVain = await run("team/hello.ipynb", "--key", "once", "--wait-for-place", "2s")
  expect([inVain.code, inVain.out, inVain.err]).toEqual([75, "", expect.stringMatching(/Asking again for 2\.0 s.*There was no place in 2\.0 s/su)])
  const badly = await run("team/hello.ipynb", "--wait-for-place", "soon")
  expect([badly.code, badly.err]).toEqual([
    2,
    expect.stringContaining('--wait-for-place takes seconds, or a duration such as 90s, 10m or 2h; got "soon"'),
  ])
  const interrupted = it.start("run", "--server", url, "team/hello.ipynb", "--key", "once")
  await saying(interrupted, "Asking again for 2 m 0 s")
  interrupted.kill("SIGINT")
  expect(await interrupted.said).toMatchObject({ code: 4, err: expect.stringContaining("Nothing was ordered.") })
  const patient = it.start("run", "--server", url, "team/hello.ipynb", "--key", "once")
  await saying(patient, "Asking again for")
  await api.platform.worker({ kernels })
  expect(await patient.said).toMatchObject({ code: 0, err: expect.stringContaining("Succeeded") })
  for (const { out } of waiting) await api.platform.until(out.trim())
})

async function saying(child: ReturnType<Desk["start"]>, words: string): Promise<void> {
  let said = ""
  child.stderr?.on("data", (bytes) => {
    said += bytes
  })
  await until(() => said.includes(words))
}
