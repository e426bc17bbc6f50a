import fc from "fast-check"
import { expect, test } from "vitest"
import { type Candidate, choose, type Room } from "#work/choose.ts"

/** "anna:3 sales/q3@weekly" is a run of Anna's with priority 3 in the space sales, of the notebook q3, by the name of the template weekly. */
function run(id: number, text: string): Candidate {
  const [, lane = "", priority = "0", space = "s", notebook = "n", template = null] =
    /^(\w+)(?::(-?\d+))?(?: (\w+)\/(\w+)(?:@(\w+))?)?$/.exec(text) ?? []
  return { id: String(id).padStart(4, "0"), lane, space, notebook, template, priority: Number(priority) }
}

function line(...texts: readonly string[]): Candidate[] {
  return texts.map((text, index) => run(index + 1, text))
}

const EMPTY: Room = {
  runningInLane: new Map(),
  runningInSpace: new Map(),
  runningOfNotebook: new Map(),
  runningOfTemplate: new Map(),
  mostInSpace: new Map(),
  mostOfNotebook: new Map(),
  mostOfTemplate: new Map(),
}

function order(candidates: readonly Candidate[], slots: number, room: Partial<Room> = {}): string {
  return choose(candidates, { ...EMPTY, ...room }, slots)
    .map(({ id, lane }) => `${lane}${Number(id)}`)
    .join(" ")
}

test("first come, first served", () => {
  expect(order(line("anna", "anna", "anna"), 2)).toBe("anna1 anna2")
})

test("the higher priority goes first", () => {
  expect(order(line("anna", "ben:5", "carl:-1", "ben:7"), 4)).toBe("ben4 ben2 anna1 carl3")
})

test("one of somebody else's goes before the second of a thousand", () => {
  expect(order(line(...Array.from({ length: 1000 }, () => "anna"), "ben"), 3)).toBe("anna1 ben1001 anna2")
})

test("whoever has runs under way already waits for those who have none", () => {
  expect(order(line("anna", "ben"), 1, { runningInLane: new Map([["anna", 2]]) })).toBe("ben2")
})

test("a notebook that may run once runs once, and does not keep others waiting", () => {
  const room = { mostOfNotebook: new Map([["a", 1]]) }
  expect(order(line("anna s/a", "anna s/a", "anna s/b"), 3, room)).toBe("anna1 anna3")
})

test("a space that is full takes nothing more", () => {
  const room = { mostInSpace: new Map([["s", 2]]), runningInSpace: new Map([["s", 1]]) }
  expect(order(line("anna s/a", "ben s/b", "carl t/c"), 3, room)).toBe("anna1 carl3")
})

test("a template that may run once keeps neither its notebook nor another template waiting", () => {
  const room = { mostOfTemplate: new Map([["w", 1]]) }
  expect(order(line("anna s/a@w", "anna s/a@w", "anna s/a", "anna s/a@x"), 4, room)).toBe("anna1 anna3 anna4")
})

test("whatever waits: no limit is passed, no slot is left empty that could be filled, nothing is taken twice", () => {
  const one = fc.record({
    lane: fc.constantFrom("a", "b", "c"),
    space: fc.constantFrom("s", "t"),
    notebook: fc.constantFrom("m", "n"),
    template: fc.constantFrom(null, "t", "u"),
    priority: fc.integer({ min: -2, max: 2 }),
  })
  fc.assert(
    fc.property(
      fc.array(one, { maxLength: 40 }),
      fc.nat(10),
      fc.tuple(fc.nat(4), fc.nat(4), fc.nat(4)),
      (parts, slots, [inSpace, ofNotebook, ofTemplate]) => {
        const candidates = parts.map((part, index) => ({ ...part, id: String(index).padStart(4, "0") }))
        const room = {
          ...EMPTY,
          mostInSpace: new Map([["s", inSpace]]),
          mostOfNotebook: new Map([["m", ofNotebook]]),
          mostOfTemplate: new Map([["t", ofTemplate]]),
        }
        const chosen = choose(candidates, room, slots)
        const count = (of: readonly Candidate[], what: "space" | "notebook" | "template", id: string) => of.filter((each) => each[what] === id).length
        expect(new Set(chosen).size).toBe(chosen.length)
        expect(chosen.length).toBeLessThanOrEqual(slots)
        expect(count(chosen, "space", "s")).toBeLessThanOrEqual(inSpace)
        expect(count(chosen, "notebook", "m")).toBeLessThanOrEqual(ofNotebook)
        expect(count(chosen, "template", "t")).toBeLessThanOrEqual(ofTemplate)
        if (chosen.length === slots) return
        const left = candidates.filter((each) => !chosen.includes(each))
        const fits = left.filter(
          (each) =>
            !(each.space === "s" && count(chosen, "space", "s") >= inSpace) &&
            !(each.notebook === "m" && count(chosen, "notebook", "m") >= ofNotebook) &&
            !(each.template === "t" && count(chosen, "template", "t") >= ofTemplate),
        )
        expect(fits).toEqual([])
      },
    ),
  )
})
