import fc from "fast-check"
import { expect, test } from "vitest"
import type { JsonObject } from "#base/json.ts"
import type { Message } from "#kernel/index.ts"
import type { Run, RunEvent } from "#run/run.ts"
import { begin, step } from "#run/step.ts"
import { messageOf, notebookOf, orderOf } from "#run/testing.ts"
import { rowsOf } from "#work/event-rows.ts"
import { Teller } from "#work/teller.ts"

const ENOUGH = { covered: -1, mostOfCell: 10_000_000, mostInMemory: 16_000_000 }
const AT = Date.UTC(2026, 0, 2, 3, 4, 5)

type Recorded = { readonly event: RunEvent; readonly run: Run; readonly end: number }

/** What a journal would hold of a run whose kernel said these things, each record 100 bytes long. */
function recorded(cells: readonly string[], said: readonly Message[]): Recorded[] {
  const order = orderOf(notebookOf(...cells))
  let run = begin(order, AT)
  let end = 100
  const records: Recorded[] = [{ event: { type: "begun", at: AT, order }, run, end }]
  const happens = (event: Exclude<RunEvent, { type: "begun" }>) => {
    const next = step(run, event)
    run = next.run
    end += 100
    records.push({ event, run, end })
    for (const effect of next.effects) if (effect.do === "execute") happens({ type: "sent", at: AT, cell: effect.cell, request: `r${effect.cell}` })
  }
  const kernel = {
    name: "script",
    displayName: "",
    protocol: "5.3",
    implementation: "",
    languageInfo: {},
    conditional: false,
    startMs: 1,
    startedFrom: "scripted",
  }
  happens({ type: "kernel_ready", at: AT, kernel })
  for (const message of said) happens({ type: "said", at: AT, message })
  return records
}

function text(parent: string, words: string, name = "stdout"): Message {
  return messageOf("iopub", "stream", { parent, content: { name, text: words } })
}

function status(parent: string, state: string): Message {
  return messageOf("iopub", "status", { parent, content: { execution_state: state } })
}

const ok = (parent: string) => messageOf("shell", "execute_reply", { parent, content: { status: "ok", execution_count: 1 } })

async function told(records: readonly Recorded[], options: Partial<typeof ENOUGH> = {}, takeAt: (end: number) => boolean = () => false) {
  const teller = new Teller({ ...ENOUGH, ...options })
  const blobs = new Map<string, number>()
  const source = {
    record: (place: number) => records.find((_, index) => (records[index - 1]?.end ?? 0) === place)!.event,
    keep: async (bytes: Uint8Array) => {
      const blob = { sha256: String(blobs.size).padStart(64, "0"), sizeBytes: bytes.length }
      blobs.set(blob.sha256, bytes.length)
      return blob
    },
  }
  const rows = []
  for (const { event, run, end } of records) {
    teller.hear(event, run, end)
    if (takeAt(end)) rows.push(...(await rowsOf(teller.take(1), source)).rows)
  }
  while (!teller.isEmpty) rows.push(...(await rowsOf(teller.take(1_000_000), source)).rows)
  return { rows, teller }
}

function lines(rows: readonly { readonly type: string; readonly what: string }[]): string[] {
  return rows.map(({ type, what }) => {
    const said = JSON.parse(what) as JsonObject
    if (type === "cell") return `cell ${said["index"]} ${said["state"]}`
    if (type === "progress") return `progress ${said["done"]}/${said["total"]}`
    return type === "stream" ? `${said["name"]} ${JSON.stringify(said["text"])}` : type
  })
}

test("a run is told as its cells, what they print and how far it is", async () => {
  const said = [status("r0", "busy"), text("r0", "a"), text("r0", "b"), text("r0", "!", "stderr"), text("r0", "c"), ok("r0"), status("r0", "idle")]
  expect(lines((await told(recorded(["print()"], said))).rows)).toEqual([
    "progress 0/1",
    "cell 0 running",
    'stdout "ab"',
    'stderr "!"',
    'stdout "c"',
    "cell 0 succeeded",
    "progress 1/1",
  ])
})

test("text that comes together is one event of at most 64 KB, and longer text is cut between characters", async () => {
  const said = [status("r0", "busy"), ...Array.from({ length: 50 }, () => text("r0", "é".repeat(10_000)))]
  const streams = (await told(recorded(["print()"], said))).rows.filter(({ type }) => type === "stream")
  const texts = streams.map(({ what }) => String((JSON.parse(what) as JsonObject)["text"]))
  expect(texts.join("")).toBe("é".repeat(500_000))
  for (const one of texts) expect(Buffer.byteLength(one)).toBeLessThanOrEqual(65_536)
  const long = await told(recorded(["print()"], [status("r0", "busy"), text("r0", "a😀".repeat(50_000))]))
  const pieces = long.rows.filter(({ type }) => type === "stream").map(({ what }) => String((JSON.parse(what) as JsonObject)["text"]))
  expect(pieces.length).toBe(4)
  expect(pieces.join("")).toBe("a😀".repeat(50_000))
})

test("text that no JSON of PostgreSQL holds as it is comes through: NUL, half a surrogate pair", async () => {
  const { rows } = await told(recorded(["print()"], [status("r0", "busy"), text("r0", "a\0b\ud800c")]))
  expect(lines(rows)).toContain('stdout "a\\u0000b\ufffdc"')
})

test("a long string of an output is a blob, and NaN is null", async () => {
  const content = { data: { "image/png": "x".repeat(70_000), "text/plain": "small" }, metadata: {}, transient: { display_id: "d" } }
  const message = messageOf("iopub", "display_data", { parent: "r0", content })
  const { rows } = await told(recorded(["show()"], [status("r0", "busy"), message]))
  const output = JSON.parse(rows.find(({ type }) => type === "output")!.what) as { output: { data: unknown }; displayId: string }
  expect(output.displayId).toBe("d")
  expect(output.output.data).toEqual({ "image/png": { blob: "0".repeat(64), sizeBytes: 70_000 }, "text/plain": "small" })
})

test("beyond its cap a cell's output is told once to be in the result alone", async () => {
  const said = [status("r0", "busy"), ...Array.from({ length: 100 }, () => text("r0", "x".repeat(1000))), ok("r0"), status("r0", "idle")]
  const { rows } = await told(recorded(["print()"], said), { mostOfCell: 10_000 })
  expect(rows.filter(({ type }) => type === "note")).toHaveLength(1)
  expect(rows.filter(({ type }) => type === "stream").reduce((sum, { logBytes }) => sum + logBytes, 0)).toBeLessThanOrEqual(10_000)
  expect(lines(rows).at(-2)).toBe("cell 0 succeeded")
})

test("what does not fit into memory is read again from the journal", async () => {
  const said = [status("r0", "busy"), ...Array.from({ length: 100 }, (_, index) => text("r0", `${index} ${"x".repeat(1000)}\n`))]
  const all = await told(recorded(["print()"], said))
  const lean = await told(recorded(["print()"], said), { mostInMemory: 5_000 })
  const words = (rows: typeof all.rows) =>
    rows
      .filter(({ type }) => type === "stream")
      .map(({ what }) => (JSON.parse(what) as JsonObject)["text"])
      .join("")
  expect(words(lean.rows)).toBe(words(all.rows))
})

test("what is given by name is remembered, in scrapbook's form and in papermill's", async () => {
  const scrap = { name: "total", data: 42, encoder: "json", version: 1 }
  const said = [
    status("r0", "busy"),
    messageOf("iopub", "display_data", { parent: "r0", content: { data: { "application/scrapbook.scrap.json+json": scrap }, metadata: {} } }),
    messageOf("iopub", "display_data", { parent: "r0", content: { data: { "application/papermill.record+json": { rows: [1, 2] } }, metadata: {} } }),
  ]
  const { teller } = await told(recorded(["glue()"], said))
  expect(Object.fromEntries(teller.named)).toEqual({ total: 42, rows: [1, 2] })
})

test("wherever the copy breaks off, going on from there tells the rest and nothing twice", async () => {
  const word = fc.record({ kind: fc.constantFrom("out", "err", "show", "clear"), words: fc.string({ unit: "binary", maxLength: 30 }) })
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 25 }), fc.nat(40), fc.nat(), async (words, breakAt, cut) => {
      const said = words.map(({ kind, words: what }) => {
        if (kind === "show") return messageOf("iopub", "display_data", { parent: "r0", content: { data: { "text/plain": what }, metadata: {} } })
        if (kind === "clear") return messageOf("iopub", "clear_output", { parent: "r0", content: { wait: false } })
        return text("r0", what, kind === "out" ? "stdout" : "stderr")
      })
      const records = recorded(["f()", "g()"], [status("r0", "busy"), ...said, ok("r0"), status("r0", "idle"), status("r1", "busy")])
      const whole = await told(records)
      // Taken in pieces, as the timer would, and broken off somewhere.
      const inPieces = await told(records, {}, (end) => end % (100 * (1 + (cut % 5))) === 0)
      const stored = inPieces.rows.slice(0, breakAt)
      const safe = stored.filter((row, index) => row.journalEnd !== inPieces.rows[breakAt]?.journalEnd || index < 0)
      const covered = safe.at(-1)?.journalEnd ?? -1
      const rest = await told(records, { covered })
      const texts = (rows: typeof whole.rows) =>
        rows
          .filter(({ type }) => type === "stream")
          .map(({ what }) => `${(JSON.parse(what) as JsonObject)["name"]}:${(JSON.parse(what) as JsonObject)["text"]}`)
      const flat = (rows: typeof whole.rows) =>
        texts(rows)
          .join("")
          .replaceAll(/(stdout|stderr):/g, "")
      expect(flat([...safe, ...rest.rows])).toBe(flat(whole.rows))
      const others = (rows: typeof whole.rows) =>
        rows.filter(({ type }) => type === "output" || type === "cell" || type === "clear").map(({ what }) => what)
      expect(others([...safe, ...rest.rows])).toEqual(others(whole.rows))
    }),
    { numRuns: 200 },
  )
})
