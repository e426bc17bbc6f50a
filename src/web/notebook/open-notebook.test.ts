import { expect, onTestFinished, test } from "vitest"
import type { ExecutionView, OutputsSnapshot } from "#api/live.ts"
import { openNotebook } from "#web/notebook/open-notebook.ts"
import { handClock, scriptedServer, scriptedWorld } from "#web/notebook/testing.ts"

const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

const ran: ExecutionView = {
  id: "1",
  session: "s",
  cell: "a",
  sourceSha256: "0".repeat(64),
  state: "succeeded",
  explanation: "",
  executionCount: 1,
  queuedAt: "2026-01-01T00:00:00Z",
  startedAt: "2026-01-01T00:00:00Z",
  endedAt: "2026-01-01T00:00:01Z",
  by: { id: "p", name: "Ada" },
  input: null,
}

async function opened() {
  const server = scriptedServer()
  const clock = handClock()
  const world = { ...scriptedWorld(server, clock), onFrame: (act: () => void) => act() }
  const open = openNotebook({ id: "n", world, kept: null, me: { id: "me", name: "Me" }, onRefused: () => {}, onRestored: () => {} })
  onTestFinished(() => open.close())
  const welcome = async () => {
    for (let gone = 0; gone < 1_000; gone += 50) {
      clock.pass(50)
      await settled()
    }
    server.tell({
      tell: "welcome",
      you: { id: "p", name: "Ada", mayComment: true, mayRun: true, mayEdit: true },
      session: null,
      executions: [ran],
      saved: { version: 1, label: null, at: "2026-01-01T00:00:00Z", by: "Ada", isChanged: false },
    })
    await settled()
  }
  await settled()
  await welcome()
  const asked = () => server.asked.filter((ask) => ask.do === "outputs")
  const shown = () => open.state.get().outputs.get("1")?.outputs
  const answer = async (part: { readonly ok: true; readonly value: OutputsSnapshot } | { readonly ok: false }) => {
    const refusal = { code: "no_such_execution", message: "", remedy: "" }
    server.tell({ tell: "answer", id: asked().at(-1)!.id, ...(part.ok ? part : { ...refusal, ok: false }) })
    await settled()
  }
  return { server, open, welcome, asked, shown, answer }
}

const printed = { execution: ran, next: 1, outputs: [{ output_type: "stream", name: "stdout", text: "hello" }], overflowBytes: 0 }

test("outputs whose answer was lost with the connection are asked for again when it stands anew", async () => {
  const { server, open, welcome, asked, shown, answer } = await opened()
  open.wantOutputs("1")
  open.wantOutputs("1")
  expect(asked()).toHaveLength(1)
  server.close(1006)
  await welcome()
  expect(asked()).toHaveLength(2)
  await answer({ ok: true, value: printed })
  expect(shown()).toEqual(printed.outputs)
  server.close(1006)
  await welcome()
  expect(asked()).toHaveLength(2)
})

test("outputs of which the server knew nothing yet when it was asked are asked for again after a break, in which they may have been told", async () => {
  const { server, open, welcome, asked, shown, answer } = await opened()
  open.wantOutputs("1")
  await answer({ ok: false })
  expect(asked()).toHaveLength(1)
  server.close(1006)
  await welcome()
  await answer({ ok: true, value: printed })
  expect(shown()).toEqual(printed.outputs)
})
