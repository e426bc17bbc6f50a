/**
 * What the gate of a promotion costs beyond its test runs: `node bench/gate.ts URL TOKEN SPACE [times]` against a server that runs, by a
 * token of whoever may edit there and needs nobody's approval. From proposing a version with four test cases until every gate has passed
 * and it is promoted, less the time in which at least one of its five runs (the fresh rerun is one) was under way or waited for a kernel.
 */
import { type Client, connect } from "../src/api/client.ts"

const PROMISED_MS = 1_000
const CASES = 4

const [url = "", token = "", space = "", times = "10"] = process.argv.slice(2)
const client: Client = connect({ url, token })
const sources = ["# parameters\nfactor = 2", "import time\ntime.sleep(0.25)\nprint('times', factor * 21)"]
const cells = sources.map((source, at) => ({
  cell_type: "code",
  id: `c${at}`,
  metadata: at === 0 ? { tags: ["parameters"] } : {},
  source,
  outputs: [],
  execution_count: null,
}))
const metadata = { kernelspec: { name: "python3", display_name: "Python 3", language: "python" } }
const bytes = new TextEncoder().encode(JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 }))

async function added(turn: number): Promise<number> {
  const name = `gate-${Date.now()}-${turn}`
  const { notebook } = await client.call("createNotebook", { query: { space, path: `bench/${name}.ipynb` }, body: bytes })
  for (let factor = 1; factor <= CASES; factor++) {
    const checks = [{ check: "output_contains" as const, cell: "c1", text: `times ${factor * 21}` }]
    const body = { parameters: { factor }, expects: { outcome: "succeeds" as const, checks }, mocks: [] }
    await client.call("putTest", { params: { notebook: notebook.id, name: `times ${factor}` }, body })
  }
  const template = `${space}/${name}`
  const since = performance.now()
  const { id } = await client.call("propose", { params: { notebook: notebook.id }, body: { template, message: "" } })
  let seen = await client.call("getProposal", { params: { proposal: id } })
  while (!seen.gates.every(({ state }) => state === "passed")) {
    const failed = seen.gates.find(({ state }) => state === "failed")
    if (failed) throw new Error(`${failed.gate}: ${failed.said}`)
    await new Promise((next) => setTimeout(next, 20))
    seen = await client.call("getProposal", { params: { proposal: id } })
  }
  await client.call("promote", { params: { proposal: id } })
  const took = performance.now() - since
  const runs = await Promise.all(seen.checks.map(({ run }) => client.call("getRun", { params: { run: run ?? "" }, query: {} })))
  const at = (text: string | null) => Date.parse(text ?? "")
  const own = Math.max(...runs.map(({ endedAt }) => at(endedAt))) - Math.min(...runs.map(({ createdAt }) => at(createdAt)))
  await client.call("trashNotebook", { params: { notebook: notebook.id } })
  return took - own
}

const took: number[] = []
for (let turn = 0; turn < Number(times); turn++) took.push(await added(turn))
took.sort((a, b) => a - b)
const at = (share: number) => Math.round(took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? Number.NaN)
console.log(
  `proposed and promoted, beyond its ${CASES + 1} runs   median ${at(0.5)} ms, best ${at(0)} ms, worst ${at(1)} ms; promised < ${PROMISED_MS} ms`,
)
