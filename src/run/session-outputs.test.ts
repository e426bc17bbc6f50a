import fc from "fast-check"
import { expect, test } from "vitest"
import type { JsonObject } from "#base/json.ts"
import type { Output } from "#notebook/index.ts"
import { type OutputChange, Outputs } from "#run/outputs.ts"
import { messageOf } from "#run/testing.ts"

function outputs(cells: number): Outputs {
  const made = new Outputs({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [] }, [], 1_000_000)
  for (let cell = 0; cell < cells; cell++) made.expect(`r${made.open()}`, cell)
  return made
}

function apply(shown: Output[], change: OutputChange): void {
  if (change.op === "clear") shown.splice(0)
  else if (change.op === "append") shown.push(change.output)
  else if (change.op === "set") shown[change.index] = change.output
  else shown[change.index] = { ...shown[change.index]!, text: `${String(shown[change.index]!["text"])}${change.text}` }
}

const said = fc.oneof(
  fc.record({
    type: fc.constant("stream"),
    name: fc.constantFrom("stdout", "stderr"),
    text: fc.constantFrom("a", "b\n", "\rc", "d\b", "long\nlines\n", "\r\n", "10%\r20%"),
  }),
  fc.record({ type: fc.constantFrom("display_data", "update_display_data"), id: fc.constantFrom("", "x", "y"), text: fc.constantFrom("1", "2") }),
  fc.record({ type: fc.constant("clear_output"), wait: fc.boolean() }),
  fc.constant({ type: "take" }),
)

function contentOf(one: { readonly type: string } & Partial<{ name: string; text: string; id: string; wait: boolean }>): JsonObject {
  if (one.type === "stream") return { name: one.name!, text: one.text! }
  if (one.type === "clear_output") return { wait: one.wait! }
  return { data: { "text/plain": one.text! }, metadata: {}, transient: one.id === "" ? {} : { display_id: one.id! } }
}

test("whenever one looks, the changes told so far give what the outputs are", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(2), said), { maxLength: 60 }), (happenings) => {
      const made = outputs(3)
      const shown: Output[][] = [[], [], []]
      const take = () => {
        for (const cell of [...made.untold]) for (const change of made.take(cell)) apply(shown[cell]!, structuredClone(change))
      }
      happenings.forEach(([cell, one], record) => {
        if (one.type === "take") take()
        else made.hear(messageOf("iopub", one.type, { parent: `r${cell}`, content: contentOf(one) }), record)
      })
      take()
      expect(shown).toEqual([0, 1, 2].map((cell) => made.of(cell)))
    }),
    { numRuns: 2000 },
  )
})

test("text that only grows is told once, however often one looks; a line that is drawn again tells its stream again", () => {
  const made = outputs(1)
  const print = (text: string) => made.hear(messageOf("iopub", "stream", { parent: "r0", content: { name: "stdout", text } }), 0)
  print("one\n")
  expect(made.take(0)).toEqual([{ op: "append", output: { output_type: "stream", name: "stdout", text: "one\n" } }])
  print("two\n")
  print("three")
  expect(made.take(0)).toEqual([{ op: "text", index: 0, text: "two\nthree" }])
  expect(made.take(0)).toEqual([])
  print("\rfour!")
  expect(made.take(0)).toEqual([{ op: "set", index: 0, output: { output_type: "stream", name: "stdout", text: "one\ntwo\nfour!" } }])
})

test("what is forgotten is not kept, and is told of no more", () => {
  const made = outputs(2)
  made.hear(messageOf("iopub", "display_data", { parent: "r0", content: { data: {}, metadata: {}, transient: { display_id: "d" } } }), 0)
  made.forget(0)
  made.hear(messageOf("iopub", "stream", { parent: "r0", content: { name: "stdout", text: "late" } }), 1)
  made.hear(messageOf("iopub", "update_display_data", { parent: "r1", content: { data: { a: "b" }, transient: { display_id: "d" } } }), 2)
  expect([made.of(0), made.untold.has(0)]).toEqual([[], false])
})
