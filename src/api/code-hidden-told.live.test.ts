/** What is told while it happens, by sockets and streams, tells no more of hidden code than what is asked for afterwards. */
import type { AddressInfo } from "node:net"
import { afterAll, beforeAll, expect, test } from "vitest"
import WebSocket from "ws"
import * as Y from "yjs"
import { haveFrame } from "#api/live/frames.ts"
import { type ApiTest, apiTest, COOKIE, ORIGIN, type Someone } from "#api/testing.ts"
import { DRAFT_RULES } from "#draft/index.ts"
import { localKernels } from "#kernel/adapters/local.ts"
import type { Link } from "#work/index.ts"
import { type Hosted, hostSessions, linkOf, Watcher } from "#work/session.testing.ts"
import { eventually } from "#work/testing.ts"

// In the source, in what is printed, in a picture's text, in an error and its traceback.
const WORD = "Vq7xSpokenMargin"
const SOURCE = `import time\nprint('printed ${WORD}')\ntime.sleep(1)\nraise ValueError('raised ${WORD}')`

let api: ApiTest
let hosted: Hosted
let link: Link
let port: number
let admin: Someone
let editor: Someone
let viewer: Someone
let runner: Someone
const kernels = localKernels()

beforeAll(async () => {
  api = await apiTest({ hosts: "any" }, (world) => ({
    ...world,
    link: { session: (id) => link.session(id), letGo: (kept) => link.letGo(kept), close: async () => undefined },
  }))
  hosted = await hostSessions(api.platform, { kernels })
  link = await linkOf(api.platform.world)
  await api.platform.worker({ kernels, kernelName: "python3" })
  await api.server.listen({ port: 0, host: "127.0.0.1" })
  port = (api.server.server.address() as AddressInfo).port
  ;[admin, editor, viewer, runner] = await Promise.all([
    api.someone("Ada", "administrator"),
    api.someone("Edith", "editor"),
    api.someone("Vera", "viewer"),
    api.someone("Rune", "runner"),
  ])
}, 60_000)
afterAll(async () => {
  await link.close()
  await hosted.stop()
  await api.close()
  await kernels.close()
})

/** Every byte that came, as text. */
type Overheard = { readonly text: () => string; readonly stop: () => Promise<void> }

const cookieOf = (who: Someone) => `${COOKIE}=${who.cookie}`

/** A notebook's socket as a page opens it; what refuses it is heard, too. */
function overhearSocket(who: Someone, notebook: string): Overheard & { readonly closed: Promise<number> } {
  const heard: Buffer[] = []
  const closed = Promise.withResolvers<number>()
  const headers = { host: "localhost:7838", origin: ORIGIN, cookie: cookieOf(who) }
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/notebooks/${notebook}/live?rules=${DRAFT_RULES}`, { headers })
  socket.on("message", (data: Buffer) => heard.push(data))
  // Who has nothing is sent the whole draft.
  socket.on("open", () => socket.send(haveFrame(Y.encodeStateVector(new Y.Doc()))))
  socket.on("error", () => undefined)
  socket.on("unexpected-response", (_, response) => {
    response.on("data", (data: Buffer) => heard.push(data))
    response.on("end", () => closed.resolve(response.statusCode ?? 0))
  })
  socket.on("close", (code, reason) => {
    heard.push(reason)
    closed.resolve(code)
  })
  const stop = async () => {
    socket.close()
    await closed.promise
  }
  return { text: () => Buffer.concat(heard).toString("latin1"), stop, closed: closed.promise }
}

/** What a run tells from its beginning to its end, while it goes. */
function overhearEvents(who: Someone, run: string): Overheard {
  const heard: Buffer[] = []
  const done = fetch(`http://127.0.0.1:${port}/api/v1/runs/${run}/events`, {
    headers: { cookie: cookieOf(who) },
    signal: AbortSignal.timeout(90_000),
  }).then(async (answer) => {
    for await (const piece of answer.body ?? []) heard.push(Buffer.from(piece))
  })
  return {
    text: () => Buffer.concat(heard).toString("latin1"),
    stop: () => done.catch(() => undefined),
  }
}

/** Asked over and over while it happens. */
function overhearRoutes(who: Someone, run: string, notebook: string): Overheard {
  const paths = [
    ...["", "/log", "/result", "/result.html", "/cells", "/outputs", "/attempts", "/cells/0/outputs/0", "/events?after=0"].map(
      (end) => `/api/v1/runs/${run}${end}`,
    ),
    ...["/draft", "/content", "/surroundings", "/session", "/session-files"].map((end) => `/api/v1/notebooks/${notebook}${end}`),
    `/api/v1/runs?notebook=${notebook}`,
    "/api/v1/live-sessions",
    "/api/v1/inbox",
    `/api/v1/search?q=${WORD}`,
  ]
  const heard: string[] = []
  let isOver = false
  const asking = (async () => {
    while (!isOver) for (const path of paths) if (!path.includes("/events")) heard.push((await api.ask("GET", path, { as: who })).text)
  })()
  return {
    text: () => heard.join("\n").replaceAll(`q=${WORD}`, ""),
    stop: async () => {
      isOver = true
      await asking
    },
  }
}

/** A run fails and a cell of a live session raises, at the same time; what each of them hears of it meanwhile, by channel. */
async function heardBy(whos: readonly Someone[], notebook: string) {
  const sockets = whos.map((who) => overhearSocket(who, notebook))
  const { id: run } = (await api.ask("POST", "/api/v1/runs", { as: runner, json: { notebook } })).json
  const events = whos.map((who) => overhearEvents(who, run))
  const routes = whos.map((who) => overhearRoutes(who, run, notebook))
  const watcher = new Watcher(link.session(notebook as never))
  const [cell] = await watcher.run(editor.actor, SOURCE)
  await Promise.all([watcher.until(cell?.id ?? "", "failed", 60_000), api.platform.until(run, "failed", 60_000)])
  for (const each of [...events, ...routes]) await each.stop()
  for (const each of sockets) await each.stop()
  return whos.map((_, at) => ({ socket: sockets[at]?.text() ?? "", events: events[at]?.text() ?? "", routes: routes[at]?.text() ?? "" }))
}

const tells = (heard: { readonly [channel: string]: string }) => Object.keys(heard).filter((channel) => heard[channel]?.includes(WORD))

test("while a run fails and a live cell raises, neither a socket nor a stream nor any answer holds a word of it for those who may not edit it", async () => {
  const notebook = await api.platform.notebook("told.ipynb", "python3", SOURCE)
  const hide = async (isHidden: boolean) =>
    expect((await api.ask("PUT", `/api/v1/notebooks/${notebook}/code`, { as: admin, json: { isHidden } })).status).toBe(200)
  // What somebody has open when it is hidden is closed before anything more is told.
  const early = [viewer, runner].map((who) => overhearSocket(who, notebook))
  for (const each of early) await eventually("the draft has come", async () => each.text().includes(WORD))
  await hide(true)
  for (const each of early) expect(await each.closed).not.toBe(1000)
  const before = early.map((each) => each.text().length)

  const [whole, ...others] = await heardBy([editor, viewer, runner], notebook)
  expect(tells(whole ?? {})).toEqual(["socket", "events", "routes"])
  expect(others.map(tells)).toEqual([[], []])
  expect(early.map((each) => each.text().length)).toEqual(before)
  // They were told that it goes, and how it ended, and no more.
  for (const { events } of others) expect(events).toMatch(/"state":"failed"/)

  // The same look finds a leak where there is one: shown, everything is told to them by each of these ways.
  await hide(false)
  expect((await heardBy([viewer], notebook)).map(tells)).toEqual([["socket", "events", "routes"]])
}, 240_000)
