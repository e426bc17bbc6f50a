import { expect, test } from "vitest"
import { widgetStates } from "#web/notebook/widget-states.ts"
import type { CommTold } from "#web/outputs/session-comm.ts"

const open = (id: string, state: object, buffers: readonly string[] = [], paths: readonly unknown[] = []): CommTold => ({
  tell: "comm",
  type: "comm_open",
  content: { comm_id: id, target_name: "jupyter.widget", data: { state, buffer_paths: paths } },
  buffers,
})
const update = (id: string, state: object, buffers: readonly string[] = [], paths: readonly unknown[] = []): CommTold => ({
  tell: "comm",
  type: "comm_msg",
  content: { comm_id: id, data: { method: "update", state, buffer_paths: paths } },
  buffers,
})
const close = (id: string): CommTold => ({ tell: "comm", type: "comm_close", content: { comm_id: id }, buffers: [] })

function told(...all: readonly CommTold[]) {
  const states = widgetStates()
  for (const one of all) states.hear(one)
  return states
}
const names = (states: ReturnType<typeof widgetStates>) => states.opened().map(({ content }) => content["comm_id"])

test("a widget is told as it is now, not as it was opened", () => {
  const states = told(open("a", { value: 1, max: 9 }), update("a", { value: 4 }), {
    ...update("a", {}),
    content: { comm_id: "a", data: { method: "custom" } },
  })
  expect(states.opened()).toEqual([open("a", { value: 4, max: 9 })])
})

test("those it refers to come before it, whenever they were opened, and a circle is walked once", () => {
  expect(
    names(told(open("box", { children: [] }), open("inner", { up: "IPY_MODEL_box" }), update("box", { children: ["IPY_MODEL_inner"] }))),
  ).toEqual(["inner", "box"])
})

test("a value said anew takes its buffers with it", () => {
  const one = open("a", { shape: [2] }, ["AAAA", "BBBB"], [["pixels"], ["list", 0]])
  expect(told(one, update("a", {}, ["CCCC"], [["pixels"]])).opened()).toEqual([
    open("a", { shape: [2] }, ["BBBB", "CCCC"], [["list", 0], ["pixels"]]),
  ])
  expect(told(one, update("a", { pixels: null, list: [] })).opened()).toEqual([open("a", { shape: [2], pixels: null, list: [] })])
})

test("what is closed, or of another connection, is gone; what nobody opened is not made up", () => {
  expect(names(told(open("a", {}), open("b", {}), close("a"), update("c", { value: 1 })))).toEqual(["b"])
  const states = told(open("a", {}))
  states.clear()
  expect(states.opened()).toEqual([])
})

test("more than a page can hold lets go what came first", () => {
  const states = widgetStates(100)
  for (const id of ["a", "b", "c"]) states.hear(open(id, { text: "x".repeat(40) }))
  expect(names(states)).toEqual(["b", "c"])
  states.hear(close("b"))
  states.hear(open("d", { text: "x".repeat(40) }))
  expect(names(states)).toEqual(["c", "d"])
})
