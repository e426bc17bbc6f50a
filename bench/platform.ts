/**
 * `npm run bench -- platform [--records 500000] [--only scripted,real,cold,reads] [--short] [--json]`
 *
 * The platform as people start it, over HTTP: `stet start` on a home of its own, with so many records of earlier runs, and a client
 * on the same machine, which takes its share of the cores. Prints a table, or with --json one object; never fails on a clock.
 * JUPYTER_PATH must show a kernel named python3.
 */
import { execFile } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { connect as connectSocket, type Socket } from "node:net"
import { loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { parseArgs, promisify } from "node:util"
import { sql } from "kysely"
import { notebookBytes, put } from "../faults/notebooks.ts"
import { residentMb } from "../faults/processes.ts"
import { inParallel, Stand } from "../faults/stand.ts"
import { ended } from "../faults/trial.ts"
import { readsOf } from "./reads.ts"
import { describeMachine } from "./report.ts"

const { values: options } = parseArgs({
  allowPositionals: true,
  options: {
    records: { type: "string", default: "500000" },
    short: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    only: { type: "string", default: "scripted,real,cold,reads" },
  },
})
const RECORDS = options.short ? 2_000 : Number(options.records)
const much = (full: number, short: number) => (options.short ? short : full)

type Line = { readonly what: string; readonly value: number; readonly unit: string; readonly promise: string }
const lines: Line[] = []

function report(what: string, value: number, unit: string, promise = ""): void {
  lines.push({ what, value: Math.round(value * 1000) / 1000, unit, promise })
  const text = `${what.padEnd(64)} ${value.toFixed(value < 1 ? 3 : value < 10 ? 2 : 0).padStart(8)} ${unit.padEnd(8)} ${promise}\n`
  ;(options.json ? process.stderr : process.stdout).write(text)
}

function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN
}

async function times(count: number, act: (turn: number) => Promise<void>): Promise<number[]> {
  const took: number[] = []
  for (let turn = 0; turn < count; turn++) {
    const since = performance.now()
    await act(turn)
    took.push(performance.now() - since)
  }
  return took
}

const AT_ONCE = 10_000

/** Runs of a year, one a second, as if they had ended well. */
async function fill(stand: Stand, notebook: string): Promise<void> {
  const { db } = stand.database
  for (let from = 1; from <= RECORDS; from += AT_ONCE) {
    const ago = sql`now() - interval '1 year' + i * interval '1 second'`
    await sql`
      INSERT INTO run (id, space_id, notebook_id, version, version_sha256, trigger, ordered_by, created_at, queued_at, state, ended_at)
      SELECT lpad(i::text, 26, '0'), n.space_id, n.id, 1, repeat('a', 64), 'person', n.owner_id, ${ago}, ${ago}, 'succeeded', ${ago}
      FROM notebook n, generate_series(${from}::int, ${Math.min(from + AT_ONCE - 1, RECORDS)}::int) AS i WHERE n.id = ${notebook}`.execute(db)
  }
  await sql`VACUUM ANALYZE run`.execute(db)
}

/** Milliseconds from being accepted until the first cell began, by the platform's own clock. */
async function firstCellMs(stand: Stand, notebook: string): Promise<number> {
  const client = stand.client()
  const { id, createdAt } = await client.call("launchRun", { body: { notebook } })
  await ended(stand, [id], 60_000)
  const [attempt] = (await client.call("listAttempts", { params: { run: id } })).items
  return Date.parse(attempt?.cells[0]?.startedAt ?? "") - Date.parse(createdAt)
}

async function sustained(stand: Stand, notebook: string, count: number): Promise<number> {
  const client = stand.client()
  const ids: string[] = []
  const since = performance.now()
  await inParallel(Array.from({ length: count }), 8, async () => void ids.push((await client.call("launchRun", { body: { notebook } })).id))
  const states = await ended(stand, ids, 600_000)
  const took = performance.now() - since
  if (states.some((state) => state !== "succeeded")) throw new Error(`not all succeeded: ${[...new Set(states)].join(", ")}`)
  return (count * 1000) / took
}

async function burst(stand: Stand, notebook: string, kernel: string): Promise<void> {
  const client = stand.client()
  const count = much(200, 20)
  const since = performance.now()
  const ids: string[] = []
  await Promise.all(Array.from({ length: count }, async () => void ids.push((await client.call("launchRun", { body: { notebook } })).id)))
  report(`burst of ${count} accepted`, performance.now() - since, "ms")
  const states = await ended(stand, ids, 600_000)
  report(`burst of ${count}, ${kernel} kernel: lost`, states.filter((state) => state !== "succeeded").length, "runs", "0")
}

/** One page or one thing, again and again: how many a second, how long the slowest take, and what one costs. */
async function reads(stand: Stand, path: string, what: string): Promise<void> {
  // One caller may ask 10,000 times at once and 2,500 times a second after them: what it asked before is to be forgotten.
  await delay(much(4_000, 0))
  const { perSecond, took, cpu, bytes } = await readsOf(stand, path, { warmUp: much(3_000, 100), ms: much(4_000, 500) })
  report(`reads: ${what} (${bytes} bytes), 20 connections`, perSecond, "/s", "≥ 1500")
  report(`reads: ${what}, p99`, percentile(took, 0.99), "ms", "< 100")
  for (const [part, spent] of Object.entries(cpu)) report(`reads: ${what}, processor time of one in the ${part}`, spent, "ms")
}

/** Megabytes that event streams of a run that says nothing take. */
async function idleStreams(stand: Stand, notebook: string): Promise<void> {
  const client = stand.client()
  const { id } = await client.call("launchRun", { body: { notebook } })
  const server = await stand.pidOf("server")
  const count = much(1000, 50)
  const before = residentMb(server)
  const sockets: Socket[] = []
  await inParallel(Array.from({ length: count }), 50, async () => {
    const socket = connectSocket({ port: stand.port, host: "127.0.0.1" })
    socket.on("error", () => undefined)
    const heads = Object.entries({ host: `localhost:${stand.port}`, ...stand.headers }).map(([name, value]) => `${name}: ${value}`)
    socket.write(`GET /api/v1/runs/${id}/events HTTP/1.1\r\n${heads.join("\r\n")}\r\n\r\n`)
    await new Promise((resolve) => socket.once("data", resolve))
    socket.on("data", () => undefined)
    sockets.push(socket)
  })
  await delay(3_000)
  report(`${count} idle event streams: more memory of the server`, residentMb(server) - before, "MB", "< 400")
  for (const socket of sockets) socket.destroy()
  await client.call("cancelRun", { params: { run: id }, body: {} })
  await ended(stand, [id], 60_000)
}

/** The same notebook by `stet run` and through the platform, in turn: what the platform adds. */
async function besideRun(stand: Stand, notebook: string, bytes: Uint8Array): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "stet-bench-run-"))
  const [input, output] = [join(folder, "in.ipynb"), join(folder, "out.ipynb")]
  writeFileSync(input, bytes)
  const root = fileURLToPath(new URL("..", import.meta.url))
  const client = stand.client()
  const run = () => promisify(execFile)(process.execPath, ["bin/stet.js", "run", input, output], { cwd: root, env: stand.env })
  const [alone, through]: [number[], number[]] = [[], []]
  await run()
  for (let turn = 0; turn < much(7, 2); turn++) {
    alone.push(...(await times(1, async () => void (await run()))))
    through.push(
      ...(await times(1, async () => {
        let { id, state } = await client.call("launchRun", { body: { notebook } })
        while (state === "queued" || state === "running")
          ({ id, state } = await client.call("getRun", { params: { run: id }, query: { waitSeconds: 30, ifNotState: ["queued", "running"] } }))
        await client.call("getResult", { params: { run: id } })
      })),
    )
    await delay(1_500)
  }
  rmSync(folder, { recursive: true })
  report("stet run of one notebook, median", percentile(alone, 0.5), "ms")
  report("the same through the platform until the result is read, median", percentile(through, 0.5), "ms")
  report("through the platform, more than stet run", percentile(through, 0.5) - percentile(alone, 0.5), "ms", "< 300")
}

const SMALL = ["x = 1", "print(x)"]
const WAITS = ["import time\ntime.sleep(600)"]

const REAL = { STET_LEASE_SECONDS: "20", STET_SLOTS: "4" }

async function realKernels(): Promise<void> {
  const stand = await Stand.start({ env: { ...REAL, STET_WARM: "2" } })
  try {
    const client = stand.client()
    const bytes = notebookBytes("python3", SMALL)
    const notebook = await put(client, "real.ipynb", bytes)
    await delay(3_000)
    report("server, idle, after its start", residentMb(await stand.pidOf("server")), "MB", "< 200")
    await idleStreams(stand, await put(client, "waits.ipynb", notebookBytes("python3", WAITS)))
    await fill(stand, notebook)
    await firstCellMs(stand, notebook)
    const warm: number[] = []
    for (let turn = 0; turn < much(20, 3); turn++) {
      // Time for a kernel to be made ready: what is measured is not the making.
      await delay(1_500)
      warm.push(await firstCellMs(stand, notebook))
    }
    report("accepted → first cell, warm kernel, p95", percentile(warm, 0.95), "ms", "< 400")
    report("accepted → first cell, warm kernel, median", percentile(warm, 0.5), "ms")
    await besideRun(stand, notebook, bytes)
    report("runs sustained, Python kernels", await sustained(stand, notebook, much(60, 6)), "/s", "≥ 3")
    report("server, after all of this", residentMb(await stand.pidOf("server")), "MB")
    await stand.down()
    report("start, everything there, until it answers", (await times(1, () => stand.up()))[0] ?? Number.NaN, "ms", "< 10,000")
  } finally {
    await stand.remove()
  }
}

async function coldKernels(): Promise<void> {
  const stand = await Stand.start({ env: { ...REAL, STET_WARM: "0" } })
  try {
    const notebook = await put(stand.client(), "cold.ipynb", notebookBytes("python3", SMALL))
    await firstCellMs(stand, notebook)
    const cold = []
    for (let turn = 0; turn < much(12, 2); turn++) cold.push(await firstCellMs(stand, notebook))
    report("accepted → first cell, no kernel waits, p95", percentile(cold, 0.95), "ms", "< 2500")
  } finally {
    await stand.remove()
  }
}

async function scriptedKernel(): Promise<void> {
  const stand = await Stand.start({ scripted: true, env: { STET_LEASE_SECONDS: "20", STET_SLOTS: "8" } })
  try {
    const client = stand.client()
    const notebook = await put(client, "scripted.ipynb", notebookBytes("script", ["cell 0", "cell 1"]))
    await fill(stand, notebook)
    const ids: string[] = []
    const launch = async () => void ids.push((await client.call("launchRun", { body: { notebook } })).id)
    await stand.kill("worker")
    const alone = await times(much(200, 20), launch)
    report("accepted, one after the other, nothing else under way, p95", percentile(alone, 0.95), "ms", "< 30")
    await stand.startPart("worker")
    const accepting = await times(much(200, 20), launch)
    report("accepted, one after the other, while runs are worked off, p95", percentile(accepting, 0.95), "ms", "< 30")
    await ended(stand, ids, 600_000)
    report("runs sustained, scripted kernel", await sustained(stand, notebook, much(300, 20)), "/s", "≥ 5")
    await burst(stand, notebook, "scripted")
  } finally {
    await stand.remove()
  }
}

/** Pages and things as people look at them: the newest runs, which really ran, and notebooks of a folder. */
async function manyReads(): Promise<void> {
  const stand = await Stand.start({ scripted: true, env: { STET_LEASE_SECONDS: "20", STET_SLOTS: "8" } })
  try {
    const client = stand.client()
    const notebooks: string[] = []
    for (let n = 0; n < 40; n++) notebooks.push(await put(client, `reads/${n}.ipynb`, notebookBytes("script", ["cell 0", "cell 1"])))
    const runs: string[] = []
    for (const notebook of notebooks) runs.push((await client.call("launchRun", { body: { notebook } })).id)
    await ended(stand, runs, 600_000)
    await fill(stand, notebooks[0] as string)
    await reads(stand, "/api/v1/runs?limit=20", "list of 20 runs")
    await reads(stand, `/api/v1/runs/${runs.at(-1)}`, "one run")
    await reads(stand, "/api/v1/notebooks?limit=20", "list of 20 notebooks")
    await reads(stand, `/api/v1/notebooks/${notebooks.at(-1)}`, "one notebook")
  } finally {
    await stand.remove()
  }
}

const head = { date: new Date().toISOString(), machine: describeMachine(), records: RECORDS }
process.stderr.write(`${JSON.stringify(head)}\n`)
const PARTS = { scripted: scriptedKernel, real: realKernels, cold: coldKernels, reads: manyReads } as const
for (const [name, measure] of Object.entries(PARTS)) if (options.only.split(",").includes(name)) await measure()
const load = Math.round((loadavg()[0] ?? 0) * 10) / 10
if (options.json) process.stdout.write(`${JSON.stringify({ ...head, load_at_end: load, lines }, undefined, 1)}\n`)
else process.stdout.write(`load at the end: ${load}\n`)
process.exit(0)
