import { expect, test } from "vitest"
import { Awareness } from "y-protocols/awareness"
import * as sync from "y-protocols/sync"
import * as Y from "yjs"
import type { Tell } from "#api/live.ts"
import { CLOSED } from "#api/live.ts"
import { CLOSED_WITH } from "#web/notebook/closed-with.ts"
import { type Begun, WHOLE_DRAFT } from "#web/notebook/early.ts"
import { connectLive } from "#web/notebook/live.ts"
import { frame, handClock, keptInMemory, scriptedServer, scriptedWorld } from "#web/notebook/testing.ts"

const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

type Parts = { readonly server?: ReturnType<typeof scriptedServer>; readonly kept?: ReturnType<typeof keptInMemory>; readonly begun?: Begun }

async function connected(parts: Parts = {}) {
  const server = parts.server ?? scriptedServer()
  const kept = parts.kept ?? keptInMemory()
  const clock = handClock()
  const doc = new Y.Doc()
  const told: Tell[] = []
  let { begun } = parts
  const takeBegun = () => {
    const taken = begun
    begun = undefined
    return taken
  }
  const live = connectLive({
    doc,
    awareness: new Awareness(doc),
    world: { ...scriptedWorld(server, clock), takeBegun },
    kept,
    hear: (tell) => told.push(tell),
  })
  await settled()
  const pass = async (ms: number) => {
    // In steps, because what is answered in between sets other timers.
    for (let gone = 0; gone < ms; gone += 50) {
      clock.pass(50)
      await settled()
    }
  }
  return { server, kept, clock, doc, live, told, pass, text: doc.getText("t") }
}
const said = (doc: Y.Doc) => doc.getText("t").toString()

test("what is edited reaches the server within a blink, and is forgotten here when it is safe there", async () => {
  const { server, doc, kept, live, pass } = await connected()
  expect(live.line.get()).toMatchObject({ state: "open", isSynced: true, unconfirmed: false })
  doc.getText("t").insert(0, "hello")
  expect(live.line.get().unconfirmed).toBe(true)
  await pass(50)
  expect(said(server.doc)).toBe("hello")
  expect(kept.edits.size).toBe(1)
  await pass(1_000)
  expect(live.line.get().unconfirmed).toBe(false)
  expect(kept.edits.size).toBe(0)
})

test("a connection that is left before it stands is closed as soon as it does", async () => {
  const doc = new Y.Doc()
  const world = scriptedWorld(scriptedServer(), handClock())
  const sockets: WebSocket[] = []
  const openSocket = () => {
    const socket = world.openSocket()
    sockets.push(socket)
    return socket
  }
  const live = connectLive({ doc, awareness: new Awareness(doc), world: { ...world, openSocket }, kept: keptInMemory(), hear: () => undefined })
  for (let turn = 0; sockets.length === 0 && turn < 20; turn++) await Promise.resolve()
  live.close()
  expect(sockets.map(({ readyState }) => readyState)).toEqual([0])
  await settled()
  expect(sockets.map(({ readyState }) => readyState)).toEqual([3])
})

test("a connection that was begun before its page was here brings the draft, and confirms none of the edits that were kept", async () => {
  const server = scriptedServer()
  server.doc.getText("t").insert(0, "theirs")
  expect(frame((encoder) => sync.writeSyncStep1(encoder, new Y.Doc()))).toEqual(WHOLE_DRAFT)
  const kept = keptInMemory()
  const earlier = new Y.Doc()
  earlier.getText("t").insert(0, "mine ")
  await kept.keep(Y.encodeStateAsUpdate(earlier))
  for (const isOpenYet of [true, false]) {
    const begun = beginOn(server)
    if (isOpenYet) await settled()
    const before = server.opened
    const { live, doc, pass, clock } = await connected({ server, kept, begun })
    await settled()
    expect([server.opened, live.line.get().isSynced, live.line.get().unconfirmed]).toEqual([before, true, true])
    expect([said(doc), said(server.doc)]).toEqual([said(server.doc), expect.stringContaining("mine ")])
    expect(kept.edits.size).toBe(1)
    await pass(500)
    expect([live.line.get().unconfirmed, kept.edits.size]).toEqual([false, 0])
    live.close()
    await kept.keep(Y.encodeStateAsUpdate(earlier))
    clock.pass(0)
  }
})

/** As `early.ts` does it, with a socket that is scripted. */
function beginOn(server: ReturnType<typeof scriptedServer>) {
  const heard: unknown[] = []
  const socket = server.open()
  socket.onopen = () => socket.send(WHOLE_DRAFT)
  socket.onmessage = ({ data }) => heard.push(data)
  return { socket, heard }
}

test("what others edit arrives", async () => {
  const { server, doc } = await connected()
  server.doc.getText("t").insert(0, "from elsewhere")
  expect(said(doc)).toBe("from elsewhere")
})

test("edits made while the server is away are merged with what others did when it is back", async () => {
  const { server, doc, live, pass } = await connected()
  doc.getText("t").insert(0, "base")
  await pass(1_000)
  server.isUp = false
  server.close(1006)
  await settled()
  expect(live.line.get().state).toBe("away")
  doc.getText("t").insert(4, " mine")
  server.doc.getText("t").insert(0, "theirs ")
  await pass(5_000)
  server.isUp = true
  await pass(9_000)
  expect(live.line.get()).toMatchObject({ state: "open", unconfirmed: false })
  expect(said(doc)).toBe(said(server.doc))
  expect(said(doc)).toContain("mine")
  expect(said(doc)).toContain("theirs")
})

test("a page that is closed while the server is away loses nothing: the next one brings it along", async () => {
  const first = await connected()
  first.doc.getText("t").insert(0, "typed before; ")
  await first.pass(1_000)
  first.server.isUp = false
  first.server.close(1006)
  await settled()
  first.doc.getText("t").insert(0, "typed offline; ")
  await first.pass(100)
  first.live.close()
  await settled()
  expect(said(first.server.doc)).toBe("typed before; ")
  first.server.isUp = true
  const second = await connected({ server: first.server, kept: first.kept })
  await second.pass(1_000)
  expect(said(first.server.doc)).toBe("typed offline; typed before; ")
  expect(said(second.doc)).toBe("typed offline; typed before; ")
  expect(first.kept.edits.size).toBe(0)
})

test("a server that falls silent without a word is known to be away within ten seconds", async () => {
  const { server, live, pass } = await connected()
  await pass(20_000)
  expect(live.line.get().state).toBe("open")
  server.isMute = true
  await pass(8_500)
  expect(live.line.get().state).toBe("away")
})

test("who may not any more is not tried again, and is told why", async () => {
  const { server, live, pass } = await connected()
  server.close(CLOSED.mayNot)
  await settled()
  expect(live.line.get()).toMatchObject({ state: "over", code: CLOSED.mayNot })
  const { opened } = server
  await pass(60_000)
  expect(server.opened).toBe(opened)
})

test("who was signed out is taken back once they are signed in again, with what they typed meanwhile; who may not is not", async () => {
  const { server, doc, live, pass } = await connected()
  server.close(CLOSED.notSignedIn)
  await settled()
  doc.getText("t").insert(0, "typed signed out")
  await pass(60_000)
  expect(live.line.get()).toMatchObject({ state: "over", code: CLOSED.notSignedIn, unconfirmed: true })
  live.retry()
  await pass(1_000)
  expect(live.line.get()).toMatchObject({ state: "open", unconfirmed: false })
  expect(said(server.doc)).toBe("typed signed out")

  server.close(CLOSED.mayNot)
  await settled()
  live.retry()
  await pass(1_000)
  expect(live.line.get().state).toBe("over")
})

test("it is tried again and again, less and less often", async () => {
  const { server, pass } = await connected()
  server.isUp = false
  server.close(1006)
  await pass(60_000)
  expect(server.opened).toBeGreaterThan(6)
  expect(server.opened).toBeLessThan(20)
})

test("a question is answered once, and refused with a remedy when the server goes before it has answered", async () => {
  const { server, live } = await connected()
  const first = live.ask({ do: "interrupt" })
  const second = live.ask({ do: "restart" })
  expect(server.asked.map((each) => each.do)).toEqual(["interrupt", "restart"])
  server.tell({ tell: "answer", id: server.asked[0]!.id, ok: true })
  expect(await first).toEqual({ ok: true, value: undefined })
  server.close(1006)
  expect(await second).toMatchObject({ ok: false, refusal: { code: "away" } })
  expect(await live.ask({ do: "stop" })).toMatchObject({ ok: false, refusal: { code: "away" } })
})

test("an edit goes before the question that means it", async () => {
  const { server, doc, live } = await connected()
  doc.getText("t").insert(0, "x = 1")
  live.ask({ do: "interrupt" })
  expect(said(server.doc)).toBe("x = 1")
})

test("tells are handed on", async () => {
  const { server, told } = await connected()
  server.tell({ tell: "session", session: null })
  expect(told).toEqual([{ tell: "session", session: null }])
})

test("the codes of the end are those of the contract", () => {
  expect(CLOSED_WITH).toEqual(CLOSED)
})
