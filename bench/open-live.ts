/**
 * How long it takes from a failed run to a live kernel at its failing cell: `node bench/open-live.ts URL TOKEN SPACE [times]` against a
 * server that runs, by a token of whoever may edit there. A kernel that was kept is taken over; else twelve cells that work for a
 * second together are run again, and what is told is how much longer than their own time that takes.
 */
import { connect } from "../src/api/client.ts"

const PROMISED = { kept: 500, beyondReplay: 1_000 }
const CELLS = 12
const CELL_SECONDS = 1 / CELLS

const [url = "", token = "", space = "", times = "10"] = process.argv.slice(2)
const client = connect({ url, token })
const sources = [...Array.from({ length: CELLS }, (_, at) => `import time\ntime.sleep(${CELL_SECONDS})\nx${at} = ${at}`), "1 / 0"]
const cells = sources.map((source, at) => ({ cell_type: "code", id: `c${at}`, metadata: {}, source, outputs: [], execution_count: null }))
const metadata = { kernelspec: { name: "python3", display_name: "Python 3", language: "python" } }
const bytes = new TextEncoder().encode(JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }))
const made = await client.call("createNotebook", { query: { space, path: `bench/open-live-${Date.now()}.ipynb` }, body: bytes })

async function failed(keepKernelSeconds: number): Promise<string> {
  const { id } = await client.call("launchRun", { body: { notebook: made.notebook.id, keepKernelSeconds } })
  for (;;) {
    const run = await client.call("getRun", { params: { run: id }, query: { waitSeconds: 20, ifNotState: ["queued", "running"] } })
    if (run.endedAt !== null) return id
  }
}

/** Leaves nothing behind: the kernel goes, the notebook into the trash. */
async function left(opened: { readonly session: string; readonly notebook: { readonly id: string } }): Promise<void> {
  await client.call("endLiveSession", { params: { live: opened.session } })
  await client.call("trashNotebook", { params: { notebook: opened.notebook.id } })
}

async function kept(): Promise<number> {
  const run = await failed(120)
  const since = performance.now()
  const opened = await client.call("openLiveRun", { params: { run }, body: { attach: true } })
  const took = performance.now() - since
  await left(opened)
  return took
}

async function replayed(): Promise<number> {
  const run = await failed(0)
  const since = performance.now()
  const opened = await client.call("openLiveRun", { params: { run }, body: {} })
  for (;;) {
    const { replay } = await client.call("getLiveOrigin", { params: { notebook: opened.notebook.id } })
    if (replay.is === "done") break
    if (replay.is === "stopped") throw new Error(`the replay stopped: ${replay.why}`)
    await new Promise((next) => setTimeout(next, 20))
  }
  const took = performance.now() - since
  await left(opened)
  return took - CELLS * CELL_SECONDS * 1000
}

for (const [what, act, most] of [
  ["a kept kernel is taken over", kept, PROMISED.kept],
  ["replayed: beyond the cells' own time", replayed, PROMISED.beyondReplay],
] as const) {
  const took: number[] = []
  for (let turn = 0; turn < Number(times); turn++) took.push(await act())
  took.sort((a, b) => a - b)
  const at = (share: number) => Math.round(took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? Number.NaN)
  console.log(`${what.padEnd(40)} median ${at(0.5)} ms, best ${at(0)} ms, worst ${at(1)} ms; promised < ${most} ms`)
}
