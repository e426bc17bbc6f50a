/**
 * Which functions and methods a cell runs, wherever they are defined, and what the names that it uses stand for. The cells are taken in their
 * order; whatever may be run counts as run.
 */
import type { FlowCell } from "#notebook/analysis/flow.ts"
import type { Body, CellNames, Definition, NameEvent, Use, Value } from "#notebook/analysis/names.ts"

/** Code that a cell runs, where it stands and whose it is. */
export type Reached = { readonly body: Body; readonly cell: string; readonly through: string }

/** What a name is another name for, with "()" where it holds what a call gave: `os.system`, `requests.Session()`; and who says so. */
export type Stand = { readonly for: string; readonly cell: string }

export type Reach = {
  /** By cell: what of functions and classes it runs, or may. */
  readonly reached: ReadonlyMap<string, readonly Reached[]>
  /** By the place of a use, as `placeOf` writes it. */
  readonly stands: ReadonlyMap<string, readonly Stand[]>
}

export function placeOf(cell: string, from: number): string {
  return `${cell} ${from}`
}

type Code = Reached & { readonly beside: readonly Body[]; readonly isMethod: boolean }
type Known = { readonly cell: string; readonly definition: Definition; readonly codes: readonly Code[]; readonly stands: readonly Stand[] }
type State = { readonly known: Map<string, readonly Known[]>; readonly stands: Map<string, readonly Stand[]> }
/** One source that is walked: a cell, or a body in one. `touched` are the uses so far, which values are put together from. */
type Running = {
  readonly state: State
  readonly found: Map<Body, Reached>
  readonly cell: string
  readonly names: CellNames | undefined
  readonly touched: { readonly use: Use; readonly known: readonly Known[] }[]
}

export function reachOf(cells: readonly FlowCell[]): Reach {
  const state: State = { known: new Map(), stands: new Map() }
  const reached = new Map<string, readonly Reached[]>()
  for (const { id, names } of cells) {
    const found = new Map<Body, Reached>()
    walk({ state, found, cell: id, names, touched: [] }, names.events)
    reached.set(id, [...found.values()])
  }
  return { reached, stands: state.stands }
}

function walk(running: Running, events: readonly NameEvent[]): void {
  // A value stands behind its name, and is walked before it.
  const values = events.flatMap((event) => (event.do === "define" && event.value ? [event.value] : []))
  for (const event of events) {
    if (event.do === "use") use(running, event, values)
    else if (event.do === "define") define(running, event)
    else if (event.do === "delete" && event.chance === "sure" && running.names) running.state.known.delete(event.name)
    else if (event.do === "clear") running.state.known.clear()
  }
}

function define({ state, cell, touched, names }: Running, definition: Definition): void {
  const { name, value, brings, bodies, how } = definition
  const isMethod = how === "class"
  const own = bodies.map((body): Code => ({ body, cell, through: name, beside: bodies, isMethod }))
  const parts = value ? touched.filter(({ use: one }) => one.from >= value.from && one.to <= value.to) : []
  const codes = [...own, ...parts.flatMap((part) => part.known.flatMap((known) => handedBy(state, known, part.use)))]
  const brought = brings ? [{ for: [brings.module, brings.member].filter(Boolean).join("."), cell }] : []
  const made: Known = {
    cell,
    definition,
    codes: [...new Map(codes.map((code) => [code.body, code])).values()],
    stands: [...brought, ...standsOf(state, cell, value)],
  }
  const before = state.known.get(name) ?? []
  const isOnly = definition.chance === "sure" && how !== "update" && names !== undefined
  if (isOnly) state.known.set(name, [made])
  else if (!before.some((one) => one.definition === definition)) state.known.set(name, [...before, made])
}

/** What a value takes over from a name in it: what a class's objects can do; a function that is not called yet; what is held in turn. */
function handedBy({ known }: State, { definition, codes }: Known, { called, reads }: Use): readonly Code[] {
  const isRun = called || reads?.called === true
  if (definition.how === "class") return codes
  if (!isRun) return codes
  // A function that is called may give an object of the classes in it.
  const inside = definition.bodies.flatMap(({ events }) => events.flatMap((event) => (event.do === "use" ? (known.get(event.name) ?? []) : [])))
  return inside.filter((one) => one.definition.how === "class").flatMap((one) => one.codes)
}

function standsOf(state: State, cell: string, value: Value | undefined): readonly Stand[] {
  const written = value === undefined ? "" : value.is || value.made
  if (value === undefined || written === "" || written.startsWith(".")) return []
  const ends = value.made === "" ? "" : "()"
  const called = ends === "" ? [] : (state.known.get(written)?.flatMap(({ definition }) => definition.bodies) ?? [])
  // Of a function of the notebook it may be whatever that makes.
  const made = called.flatMap(({ calls }) => calls.flatMap(({ callee }) => resolved(state, callee).map((one) => `${one}()`)))
  const all = [...resolved(state, written).map((one) => one + ends), ...made]
  // Something that is given to itself in a loop would grow.
  return [...new Set(all)].filter((one) => one.length < 200).map((one) => ({ for: one, cell }))
}

function resolved({ known }: State, written: string): readonly string[] {
  const [root = "", ...rest] = written.split(".")
  const roots = known.get(root)?.flatMap(({ stands }) => stands.map((stand) => stand.for)) ?? []
  return (roots.length > 0 ? roots : [root]).map((one) => [one, ...rest].join("."))
}

function use(running: Running, event: Use, values: readonly Value[]): void {
  const { state, cell, touched } = running
  const known = state.known.get(event.name)
  if (!known) return
  touched.push({ use: event, known })
  const stands = known.flatMap((one) => one.stands)
  if (stands.length > 0) state.stands.set(placeOf(cell, event.from), stands)
  for (const each of known) for (const code of each.codes) if (runs(running, { event, values, known: each, code })) run(running, code)
}

type Asked = { readonly event: Use; readonly values: readonly Value[]; readonly known: Known; readonly code: Code }

/** Other names for starting what something was given to do. */
const STARTS = /^(?:start|run\w*|submit|map|starmap|apply\w*|invoke|execute|call|launch|main|delay|fit|process|serve|join|compute|kickoff|send)$/

function runs(running: Running, { event, values, known, code }: Asked): boolean {
  const { called, reads } = event
  const { body, isMethod } = code
  const isMaking = known.definition.how === "class"
  if (called) return isMethod ? (isMaking ? body.atCall : body.name === "__call__") : true
  if (reads?.called) return isMethod ? reads.path.at(-1) === body.name : STARTS.test(reads.path.at(-1) ?? "")
  if (reads) return isMethod && reads.path.at(-1) === body.name && isHandedOn(running, event, values)
  return isHandedOn(running, event, values)
}

const LOOKS =
  /^(?:print|len|type|str|repr|isinstance|issubclass|id|display|hasattr|getattr|dir|vars|help|list|dict|set|tuple|sorted|bool|callable|hash|inspect\.\w+)$/

/** Whether it is given to something that may run it; what is only put into a variable is run where that is. */
function isHandedOn({ names }: Running, { from, to }: Use, values: readonly Value[]): boolean {
  // Nobody sees what the function around does with it.
  if (!names) return true
  const around = names.calls.filter((call) => call.from < from && call.to >= to)
  if (around.length > 0) return around.some(({ callee }) => !LOOKS.test(callee))
  return !values.some((value) => value.from <= from && value.to >= to)
}

function run(running: Running, { body, cell, through, beside }: Code): void {
  const { state, found } = running
  if (found.has(body)) return
  found.set(body, { body, cell, through })
  walk({ state, found, cell, names: undefined, touched: [] }, body.events)
  for (const { callee } of body.calls) {
    const [, method] = /^(?:self|cls)\.(\w+)$/.exec(callee) ?? []
    const other = method === undefined ? undefined : beside.find(({ name }) => name === method)
    if (other) run(running, { body: other, cell, through, beside, isMethod: true })
  }
}
