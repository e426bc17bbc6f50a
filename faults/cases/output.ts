/** Very much output, and those who do not read it. */
import { connect as connectSocket, type Socket } from "node:net"
import { setTimeout as delay } from "node:timers/promises"
import { notebookBytes, put } from "../notebooks.ts"
import { peakMb, residentMb } from "../processes.ts"
import { type Stand, until } from "../stand.ts"
import { type Case, ended, launched, printing, sure, type Trial } from "../trial.ts"
import { watch } from "../watch.ts"

export const OUTPUT: readonly Case[] = [
  { name: "100 MB printed by one run: bounded memory, and what is not shown is counted", run: hundredMegabytes },
  { name: "50 of 60 event streams are not read: bounded memory, and the ten see everything", run: stalled },
]

async function hundredMegabytes({ stand: begin, tell, much }: Trial): Promise<void> {
  const stand = await begin({ env: { STET_LEASE_SECONDS: "10" } })
  const client = stand.client()
  const lines = much(1_000_000, 1_000_000)
  const source = `line = "x" * 92\nfor i in range(${lines}):\n    print(f"{i:07d}{line}")\nprint("the end")`
  const notebook = await put(client, "much.ipynb", notebookBytes("python3", [source, 'print("the next cell")']))
  const [server, worker] = [await stand.pidOf("server"), await stand.pidOf("worker")]
  const before = { server: residentMb(server), worker: residentMb(worker) }
  const ids = await launched(client, 1, { notebook })
  const seen = watch(client, ids[0] ?? "")
  const states = await ended(stand, ids, 240_000)
  await seen.done
  const most = { server: peakMb(server), worker: peakMb(worker) }
  tell(`resident before ${mb(before.server)} and ${mb(before.worker)} MB, at most ${mb(most.server)} and ${mb(most.worker)} MB (server, worker)`)
  const run = await client.call("getRun", { params: { run: ids[0] ?? "" } })
  sure(states[0] === "succeeded", `${states[0]} ${run.reason} ${run.explanation}`)
  sure(most.server - before.server < 250, "the server's memory is bounded")
  sure(most.worker - before.worker < 400, "the worker's memory is bounded")
  await nothingSilent(stand, ids[0] ?? "", lines * 100 + 8)
}

/** What a result does not hold it says it does not hold, with the number of bytes; and nothing of it is lost. */
async function nothingSilent(stand: Stand, run: string, printed: number): Promise<void> {
  const client = stand.client()
  const result = JSON.parse(new TextDecoder().decode(await client.call("getResult", { params: { run } }))) as {
    cells: { outputs: { text?: string | string[] }[]; metadata: unknown }[]
  }
  const [first, next] = result.cells
  const text = JSON.stringify(first)
  const shown = (first?.outputs ?? []).flatMap((output) => output.text ?? []).join("")
  sure(shown.startsWith("0000000x"), "the beginning is there")
  sure(JSON.stringify(next).includes("the next cell"), "the next cell is whole")
  if (shown.length >= printed) return
  sure(/blob|omitted|not shown|cut/i.test(text.slice(-4000)) || /blob|omitted|not shown|cut/i.test(text.slice(0, 4000)), "what is left out is named")
  const { rows } = await stand.database.pool.query<{ sum: string | null }>(
    "SELECT sum(b.size_bytes) AS sum FROM run_blob r JOIN blob b USING (sha256) WHERE r.run_id = $1",
    [run],
  )
  sure(Number(rows[0]?.sum ?? 0) >= printed - shown.length, `what is left out is kept: ${rows[0]?.sum} bytes for ${printed - shown.length}`)
}

const STREAMS = 60
const UNREAD = 50

async function stalled({ stand: begin, tell }: Trial): Promise<void> {
  const stand = await begin()
  const client = stand.client()
  const source = `import time\nfor i in range(400):\n    print("y" * 50_000, flush=True)\n    time.sleep(0.005)`
  const notebook = await put(client, "wide.ipynb", notebookBytes("python3", [source, source]))
  const ids = await launched(client, 1, { notebook })
  await printing(stand, ids)
  const server = await stand.pidOf("server")
  const before = residentMb(server)
  const sockets = await Promise.all(Array.from({ length: UNREAD }, () => unread(stand, ids[0] ?? "")))
  const readers = Array.from({ length: STREAMS - UNREAD }, () => watch(client, ids[0] ?? ""))
  let most = 0
  const sampling = setInterval(() => {
    most = Math.max(most, residentMb(server))
  }, 100)
  try {
    const states = await ended(stand, ids, 120_000)
    sure(states[0] === "succeeded", states.join(", "))
    const seen = await Promise.all(readers.map(({ done }) => done))
    await delay(500)
    tell(`resident ${mb(before)} MB before, at most ${mb(most)} MB with ${UNREAD} of ${STREAMS} unread`)
    sure(most - before < 250, "the server's memory is bounded")
    const lengths = seen.map(({ text, seqs }) => `${text.length}/${seqs.length}`)
    sure(new Set(lengths).size === 1 && (seen[0]?.text.length ?? 0) > 5_000_000, `all who read see the same: ${lengths.join(", ")}`)
    const health = await fetch(`${stand.url}/readyz`)
    sure(health.ok, "others are served")
  } finally {
    clearInterval(sampling)
    for (const socket of sockets) socket.destroy()
  }
}

/** Asks for events and then never reads. */
async function unread(stand: Stand, run: string): Promise<Socket> {
  const socket = connectSocket({ port: stand.port, host: "127.0.0.1" })
  socket.on("error", () => undefined)
  await new Promise((resolve) => socket.once("connect", resolve))
  const headers = Object.entries({ host: `localhost:${stand.port}`, accept: "text/event-stream", ...stand.headers })
  socket.write(`GET /api/v1/runs/${run}/events HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}`).join("\r\n")}\r\n\r\n`)
  await until("the answer begins", () => new Promise<boolean>((resolve) => socket.once("readable", () => resolve(true))))
  socket.pause()
  return socket
}

function mb(megabytes: number): string {
  return megabytes.toFixed(0)
}
