/** Runs of real Python kernels, confined as well as this machine can: what the notebook is given, what it leaves, what becomes of its processes. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { sql } from "kysely"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { refused } from "#base/outcome.ts"
import { probeIsolation } from "#kernel/adapters/isolation.ts"
import { localKernels } from "#kernel/adapters/local.ts"
import type { Confinement, Isolation, IsolationLevel, Kernels } from "#kernel/index.ts"
import { putFile } from "#library/index.ts"
import { codeCell } from "#run/testing.ts"
import { scratchDirectory } from "#work/adapters/scratch-directory.ts"
import { artifactOf, eventsAfter, logFrom, outputsOf } from "#work/reads.ts"
import { eventually, type Platform, platform, resultIn } from "#work/testing.ts"
import type { Worker } from "#work/worker.ts"

const PROCESS = new URL("./process.testing.ts", import.meta.url).pathname

let at: Platform
let kernels: Kernels
let level: IsolationLevel
let limitsBy: Isolation["limitsBy"]["who"]
const workers: Worker[] = []
const children: ChildProcess[] = []

beforeAll(async () => {
  at = await platform()
  kernels = localKernels()
  const isolation = await probeIsolation()
  level = isolation.best
  limitsBy = isolation.limitsBy.who
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL")
  await Promise.all(workers.splice(0).map((one) => one.stop()))
})
afterAll(async () => {
  await kernels.close()
  await at.close()
})

async function worker(spec: Partial<Parameters<Platform["worker"]>[0]> = {}, confine: Partial<Confinement> = {}): Promise<Worker> {
  const pool = { warm: spec.warm ?? 0, confine: (scratch: string): Confinement => ({ level, scratch, network: true, ...confine }) }
  const one = await at.worker({ kernels, kernelName: "python3", ...spec, options: { pool, ...spec.options } })
  workers.push(one)
  return one
}

async function file(path: string, text: string): Promise<void> {
  const put = await putFile(at.library, at.admin, { space: "team", path, content: new TextEncoder().encode(text) })
  if (!put.ok) throw new Error(put.refusal.message)
}

async function textOf(id: string): Promise<string> {
  const log = await logFrom(at.world, at.admin, { id, offset: 0 })
  return log.ok ? log.value.text : log.refusal.message
}

describe("a notebook", () => {
  test("finds its files where they stand, and leaves what it writes", async () => {
    await file("shared/data.csv", "a,b\n1,2\n")
    await file("reports/helpers.py", "def total(rows):\n    return sum(rows)\n")
    const notebook = await at.notebook(
      "reports/monthly.ipynb",
      "python3",
      "import helpers, os, pathlib",
      "print(open('../shared/data.csv').read(), helpers.total([1, 2]), os.getcwd().endswith('/reports'))",
      "pathlib.Path('out').mkdir(); pathlib.Path('out/table.csv').write_text('x\\n'); pathlib.Path('../top.txt').write_text('y')",
      "try:\n    open('helpers.py', 'w')\nexcept PermissionError as error:\n    print('read-only')",
      "from IPython.display import display\ndisplay({'application/scrapbook.scrap.json+json': {'name': 'rows', 'data': 2, 'encoder': 'json', 'version': 1}}, raw=True)",
    )
    for (const warm of [0, 1]) {
      const one = await worker({ warm })
      if (warm > 0) await at.until((await at.launch({ notebook })).id)
      if (warm > 0) await eventually("one is warm", async () => one.pool.size > 0)
      const run = await at.until((await at.launch({ notebook })).id)
      expect(run, run.explanation).toMatchObject({ state: "succeeded" })
      expect(await textOf(run.id)).toBe(`a,b\n1,2\n 3 True\n${level === "L0" ? "" : "read-only\n"}`)
      const outputs = await outputsOf(at.world, at.admin, { id: run.id })
      expect(outputs).toMatchObject({
        value: { outputs: { rows: 2 }, artifacts: [{ path: "reports/out/table.csv", mediaType: "text/csv" }, { path: "top.txt" }] },
      })
      const artifact = await artifactOf(at.world, at.admin, { id: run.id, path: "top.txt" })
      if (!artifact.ok) throw new Error()
      expect(Buffer.from(await at.library.blobs.get(artifact.value.sha256)).toString()).toBe("y")
      await workers.pop()?.stop()
    }
    expect(scratchDirectory(join(at.home, "scratch")).names()).toEqual([])
    expect(readdirSync(join(at.home, "spool"))).toEqual([])
  }, 120_000)

  test("gets what it looked for in vain with its next run", async () => {
    await file("eu.csv", "1\n")
    const notebook = await at.notebook(
      "learns.ipynb",
      "python3",
      codeCell("region: str = 'EU'", { tags: ["parameters"] }),
      "print(open(region.lower() + chr(46) + 'csv').read())",
    )
    await worker()
    expect(await at.until((await at.launch({ notebook })).id)).toMatchObject({ state: "failed", version: 1, error: { ename: "FileNotFoundError" } })
    expect(await at.until((await at.launch({ notebook })).id)).toMatchObject({ state: "succeeded", version: 2 })
  }, 60_000)

  test("that raises a text which the database does not take ends all the same", async () => {
    await worker()
    const notebook = await at.notebook("raises-nothing.ipynb", "python3", "raise ValueError('a\\0b')")
    const run = await at.until((await at.launch({ notebook })).id)
    expect([run.state, run.error?.evalue]).toEqual(["failed", "ab"])
    expect((await resultIn(at, run)).cells[0]?.outputs[0]).toMatchObject({ evalue: "a\0b" })
  })

  test("whose environment is missing fails with that as its cause", async () => {
    const notebook = await at.notebook("missing.ipynb", "python3", "1")
    const resolve = async () =>
      refused({ refused: "no_such_environment" as const, message: "There is no environment named geo.", remedy: "Build it." })
    await worker({ options: { preparing: { resolve, kernels: () => kernels } } })
    expect(await at.until((await at.launch({ notebook, environment: "geo" })).id)).toMatchObject({
      state: "failed",
      reason: "environment_missing",
      explanation: "There is no environment named geo. Build it.",
    })
  })
})

describe("a secret parameter", () => {
  test("reaches the kernel, and nothing that is stored or shown", async () => {
    const canary = "c4nary-Zx81-éß"
    const notebook = await at.notebook(
      "secret.ipynb",
      "python3",
      codeCell("from typing import Annotated\ntoken: str = ''  # secret", { tags: ["parameters"] }),
      "print(len(token), token)",
      "raise ValueError(token)",
    )
    const { parameters } = (await import("#notebook/index.ts")).declaredParameters({
      ...(await import("#run/testing.ts")).notebookOf(codeCell("token: str = ''  # secret", { tags: ["parameters"] })),
      metadata: { kernelspec: { name: "python3", display_name: "", language: "python" } },
    })
    expect(parameters[0]?.secret).toBe(true)
    await worker()
    const run = await at.until((await at.launch({ notebook, parameters: { token: canary } }, "secret")).id)
    expect(run).toMatchObject({ state: "failed", parameters: {}, secretNames: ["token"], error: { ename: "ValueError" } })
    expect(await textOf(run.id)).toContain(`${canary.length} •••`)
    const { rows } = await sql<{ dump: string }>`
      SELECT (SELECT string_agg(r::text, ' ') FROM run r) || (SELECT string_agg(a::text, ' ') FROM attempt a) || (SELECT string_agg(e::text, ' ') FROM run_event e) || (SELECT string_agg(d::text, ' ') FROM audit_event d) AS dump`.execute(
      at.database.db,
    )
    const blobs = []
    for await (const { sha256 } of at.library.blobs.list()) blobs.push(Buffer.from(await at.library.blobs.get(sha256)))
    const forms = [canary, Buffer.from(canary).toString("base64").slice(0, 12), JSON.stringify(canary).slice(1, -1), "c4nary-Zx81-\\u00e9\\u00df"]
    for (const form of forms) {
      expect(rows[0]!.dump.includes(form)).toBe(false)
      expect(blobs.some((blob) => blob.includes(form))).toBe(false)
      expect(spawnSync("grep", ["-rlF", form, at.home], { encoding: "utf8" }).stdout).toBe("")
    }
  }, 60_000)
})

describe("a kernel", () => {
  test("that was warm is used once: the next run finds nothing of the last", async () => {
    const notebook = await at.notebook(
      "fresh.ipynb",
      "python3",
      "import os\nprint(os.getpid(), 'x' in globals())",
      "x = 1\nopen('left', 'w').close()",
      "print(sorted(os.listdir('.')))",
    )
    const one = await worker({ warm: 2 })
    const texts: string[] = []
    for (let turn = 0; turn < 4; turn++) {
      const run = await at.until((await at.launch({ notebook })).id)
      texts.push(await textOf(run.id))
      await eventually("warm again", async () => one.pool.size > 0)
    }
    // In a process namespace of its own every kernel has the same number.
    if (level !== "L2") expect(new Set(texts.map((text) => text.split(" ")[0])).size).toBe(4)
    for (const text of texts) expect(text).toMatch(/^\d+ False\n\['left'\]\n$/)
  }, 60_000)

  test("that takes more memory than it may ends as out_of_memory, or raises where nobody counts for it", async () => {
    const notebook = await at.notebook(
      "memory.ipynb",
      "python3",
      "print('begins')",
      // What is said in the last moment before a SIGKILL may go with the kernel (docs/cli.md): this was said before.
      "import time\ntime.sleep(1)\nblock = bytearray(900_000_000)\nfor i in range(0, len(block), 4096): block[i] = 1",
      "print('not reached')",
    )
    await worker({}, { memoryBytes: 450_000_000 })
    const run = await at.until((await at.launch({ notebook })).id)
    expect(run.state).toBe("failed")
    expect(run.reason).toBe(limitsBy === "cgroup" ? "out_of_memory" : "cell_raised")
    if (limitsBy === "cgroup") expect(run.explanation).toMatch(/ran out of memory .*cell 2/)
    else expect(run.error).toMatchObject({ ename: "MemoryError" })
    expect((await resultIn(at, run)).cells[0]!.outputs).toMatchObject([{ text: ["begins\n"] }])
  }, 60_000)
})

describe("a run that writes", () => {
  test("more than the disk gives it is ended, says so, and what it had shown is kept", async () => {
    const fill = "import time\nfor i in range(10_000):\n    open(f'part{i}', 'wb').write(bytes(1_000_000))\n    time.sleep(0.03)"
    const notebook = await at.notebook("fills.ipynb", "python3", "print('begins')", fill, "print('not reached')")
    await worker({ options: { mostDiskBytes: 30_000_000 } })
    const run = await at.until((await at.launch({ notebook })).id)
    expect(run).toMatchObject({ state: "failed", reason: "disk_exceeded", failedCell: 1 })
    expect(run.explanation).toBe("The run wrote more than the 30 MB that it may have in its working directory, home and temporary files.")
    const { cells, metadata } = await resultIn(at, run)
    expect(cells[0]!.outputs).toMatchObject([{ text: ["begins\n"] }])
    expect(cells[2]!.outputs).toEqual([])
    expect(JSON.stringify(metadata)).toContain("disk_exceeded")
  }, 60_000)
})

describe("a worker with real kernels", () => {
  test("killed at any moment: lost in time, every line that was told is there, no process of it is left", async () => {
    const lines = "import time\nfor i in range(400):\n    print('line', i, flush=True)\n    time.sleep(0.005)"
    const notebook = await at.notebook("lines.ipynb", "python3", "import os\nos.environ['STET_MARK'] = 'mark'", lines, "print('end')")
    for (let turn = 0; turn < 3; turn++) {
      const child = spawn(
        process.execPath,
        [PROCESS, JSON.stringify({ url: at.url, home: at.home, leaseMs: 2_000, slots: 2, real: true, warm: 1 })],
        { stdio: ["ignore", "pipe", "inherit"] },
      )
      children.push(child)
      await new Promise((resolve) => child.stdout!.once("data", resolve))
      const { id } = await at.launch({ notebook })
      await eventually("it prints", async () => (await at.run(id)).logBytes > 0)
      await new Promise((next) => setTimeout(next, Math.random() * 1_500))
      const gone = new Promise((resolve) => child.once("exit", resolve))
      child.kill("SIGKILL")
      await gone
      const told = await textOf(id)
      await worker({ leaseMs: 2_000 })
      const ended = await at.until(id, undefined, 20_000)
      const text = await textOf(id)
      expect(text.startsWith(told)).toBe(true)
      const whole = text.split("\n").filter((line) => line.startsWith("line"))
      expect(whole).toEqual(whole.map((_, index) => `line ${index}`))
      expect((await resultIn(at, ended)).cells[1]!.outputs.flatMap((output) => output["text"]).join("")).toBe(text.replace(/end\n$/, ""))
      await eventually("its kernels are gone", async () => kernelsLeft(at.home) === 0, 10_000)
      await workers.pop()?.stop()
    }
  }, 120_000)

  test("told to end lets its runs end; nothing is begun meanwhile", async () => {
    const notebook = await at.notebook("drain.ipynb", "python3", "import time\ntime.sleep(1)\nprint('done')")
    const one = await worker({ slots: 2 })
    const ids = [await at.launch({ notebook }), await at.launch({ notebook }), await at.launch({ notebook })].map(({ id }) => id)
    await eventually("two run", async () => one.running().length === 2)
    await one.drain()
    workers.pop()
    const states = await Promise.all(ids.map(async (id) => (await at.run(id)).state))
    expect(states.sort()).toEqual(["queued", "succeeded", "succeeded"])
    await worker()
    for (const id of ids) expect((await at.until(id)).state).toBe("succeeded")
  }, 60_000)

  test("a hundred thousand lines come through in order, and what is over the cap is in the result's blob", async () => {
    const notebook = await at.notebook("much.ipynb", "python3", "for i in range(100_000): print('line', i, '.' * 140)")
    await worker()
    const run = await at.until((await at.launch({ notebook })).id, undefined, 90_000)
    expect(run.state).toBe("succeeded")
    const { rows } = await sql<{ seq: number; type: string }>`SELECT seq, type FROM run_event WHERE run_id = ${run.id} ORDER BY seq`.execute(
      at.database.db,
    )
    expect(rows.length).toBeLessThan(400)
    expect(rows.filter(({ type }) => type === "note")).toHaveLength(1)
    const outputs = (await resultIn(at, run)).cells[0]!.outputs as unknown as readonly {
      text?: readonly string[]
      data?: { "application/vnd.stet.spill+json": { sha256: string } }
    }[]
    const shown = outputs.flatMap(({ text }) => text ?? []).join("")
    const spilled = Buffer.from(await at.library.blobs.get(outputs.at(-1)!.data!["application/vnd.stet.spill+json"].sha256)).toString()
    const all = `${shown}${spilled}`.split("\n").slice(0, -1)
    expect(all.length).toBe(100_000)
    expect(all.every((line, index) => line.startsWith(`line ${index} `))).toBe(true)
    const events = await eventsAfter(at.world, at.admin, { id: run.id, seq: run.seq - 1 })
    expect(events).toMatchObject({ value: { events: [{ type: "state" }] } })
  }, 120_000)
})

/** Processes whose command line or environment names this home. */
function kernelsLeft(home: string): number {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("ipykernel") && readFileSync(`/proc/${pid}/environ`, "utf8").includes(home)
    } catch {
      return false
    }
  }).length
}
