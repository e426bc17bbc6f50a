/**
 * How fast edits go from one to another: `node bench/drafts.ts URL TOKEN NOTEBOOK [seconds]` against a server that runs.
 * Twenty editors make five edits a second each; told are the times from an edit to its being seen by another, and by which all came together.
 */
import { setTimeout as delay } from "node:timers/promises"
import type * as Y from "yjs"
import { connect } from "#api/live/testing.ts"
import { openDraft } from "#draft/index.ts"

const EDITORS = 20
const EVERY_MS = 200

const [url = "", token = "", notebook = "", seconds = "60"] = process.argv.slice(2)
const address = `${url.replace(/^http/, "ws")}/api/v1/notebooks/${notebook}/live`
const before = performance.now()
const first = connect({ url: address, headers: { authorization: `Bearer ${token}` } })
await first.synced
console.log(`opened, ${first.draft.cells().length} cells: ${Math.round(performance.now() - before)} ms`)
const others = Array.from({ length: EDITORS - 1 }, () => connect({ url: address, headers: { authorization: `Bearer ${token}` } }))
await Promise.all(others.map(({ synced }) => synced))
const clients = [first, ...others]

const sentAt = new Map<string, number>()
const took: number[] = []
const watcher = connect({ url: address, headers: { authorization: `Bearer ${token}` } })
await watcher.synced
watcher.doc.on("update", () => {
  const text = watcher.draft
    .cells()
    .slice(0, EDITORS)
    .map((cell) => cell.text.slice(-200))
    .join("\n")
  for (const [mark, at] of sentAt) {
    if (!text.includes(mark)) continue
    took.push(performance.now() - at)
    sentAt.delete(mark)
  }
})
let edits = 0
const until = performance.now() + Number(seconds) * 1000
await Promise.all(
  clients.map(async ({ draft }, i) => {
    await delay((i * EVERY_MS) / EDITORS)
    while (performance.now() < until) {
      const cells = draft.cells()
      const source = cells[i % cells.length]?.source as Y.Text
      const mark = `<${i}.${edits++}>`
      sentAt.set(mark, performance.now())
      source.insert(source.length, mark)
      await delay(EVERY_MS)
    }
  }),
)
const ended = performance.now()
await Promise.all(clients.map((client) => client.settled()))
const said = (doc: Y.Doc) =>
  JSON.stringify(
    openDraft(doc)
      .cells()
      .map(({ text }) => text),
  )
while (new Set(clients.map(({ doc }) => said(doc))).size > 1) await delay(20)
took.sort((a, b) => a - b)
const at = (share: number) => Math.round(took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0)
console.log(`${edits} edits, seen by another after p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, most ${at(1)} ms (${sentAt.size} not seen)`)
console.log(`all alike ${Math.round(performance.now() - ended)} ms after the last edit`)
for (const client of [...clients, watcher]) await client.close()
