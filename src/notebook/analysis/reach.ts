/**
 * Which functions and methods a cell runs, wherever they are defined, and what the names that it uses stand for. The cells are taken in their
 * order, and a module that lies beside the notebook where it is first imported; whatever may be run counts as run.
 */
import type { FlowCell } from "#notebook/analysis/flow.ts"
import {
  type Code,
  type Hit,
  hitsOf,
  type Known,
  type Modules,
  openModules,
  type Reached,
  type Stand,
  type Unit,
} from "#notebook/analysis/modules.ts"
import type { Call, CellNames, Definition, NameEvent, Span, Use, Value } from "#notebook/analysis/names.ts"
import { BY_NAME, SOURCES, type Sources, sourcedFile } from "#notebook/analysis/sources.ts"

export type Reach = {
  /** By cell: what of functions, classes and modules it runs, or may. */
  readonly reached: ReadonlyMap<string, readonly Reached[]>
  /** By the place of a use, as `placeOf` writes it. */
  readonly stands: ReadonlyMap<string, readonly Stand[]>
  /** Places where a function is called of which a module has the source: what it does is told there, whatever it is called. */
  readonly seen: ReadonlySet<string>
  /** What was brought from beside the notebook: `body` is all of a source. */
  readonly modules: readonly Code[]
}

export function placeOf(cell: string, from: number): string {
  return `${cell} ${from}`
}

type State = {
  readonly modules: Modules
  readonly sources: Sources | undefined
  readonly stands: Map<string, readonly Stand[]>
  readonly seen: Set<string>
  /** Methods of the objects that were made so far, by name. */
  readonly made: Map<string, Set<Code>>
  /** Modules that are there for whoever imports them next. */
  readonly imported: Set<Code>
}
/** One source that is walked: a cell, a module, or a body in one. `touched` are the uses so far, which values are put together from. */
type Running = {
  readonly state: State
  readonly found: Map<Code["body"], Reached>
  readonly unit: Unit
  readonly isTop: boolean
  readonly touched: Hit[]
}

export function reachOf(cells: readonly FlowCell[], sources?: Sources, read?: (source: string) => CellNames): Reach {
  const modules = openModules(read && sources, read ?? (() => ({}) as never))
  const state: State = { modules, sources, stands: new Map(), seen: new Set(), made: new Map(), imported: new Set() }
  const reached = new Map<string, readonly Reached[]>()
  const scope: Unit["scope"] = new Map()
  for (const { id, names } of cells) {
    const found: Running["found"] = new Map()
    walk({ state, found, unit: { id, names, scope, module: "", prefix: "" }, isTop: true, touched: [] }, names.events)
    reached.set(id, [...found.values()])
  }
  return { reached, stands: state.stands, seen: state.seen, modules: modules.all() }
}

function walk(running: Running, events: readonly NameEvent[]): void {
  const { isTop, unit } = running
  // A value stands behind its name, and is walked before it.
  const values = events.flatMap((event) => (event.do === "define" && event.value ? [event.value] : []))
  for (const event of events) {
    if (event.do === "use") use(running, event, values)
    else if (event.do === "define") define(running, event)
    else if (event.do === "delete" && event.chance === "sure" && isTop) unit.scope.delete(event.name)
    else if (event.do === "clear") unit.scope.clear()
    else if (event.do === "open") opened(running, event)
  }
}

function define(running: Running, definition: Definition): void {
  const { state, unit, touched, isTop } = running
  const { name, value, brings, bodies, how } = definition
  const isMethod = how === "class"
  const through = unit.prefix + name
  const own = bodies.map((body): Code => ({ body, cell: unit.id, through, unit, beside: bodies, isMethod }))
  const parts = value ? touched.filter(({ use: one }) => one.from >= value.from && one.to <= value.to) : []
  const codes = [...own, ...parts.flatMap((part) => handedBy(state, part))]
  const written = brings ? [{ for: [brings.module, brings.member].filter(Boolean).join("."), cell: unit.id }] : []
  const made: Known = {
    unit,
    definition,
    codes: [...new Map(codes.map((code) => [code.body, code])).values()],
    stands: [...written, ...standsOf(running, value)],
  }
  const atHand = [...(brings ? brought(running, definition, brings) : []), ...(value ? modulesIn(running, value, made) : [])]
  const fresh = atHand.length > 0 ? atHand : [made]
  const before = unit.scope.get(name) ?? []
  const isOnly = definition.chance === "sure" && how !== "update" && isTop
  const isNew = (one: Known) => !before.some((other) => other.definition === one.definition && other.place === one.place)
  unit.scope.set(name, isOnly ? fresh : [...before, ...fresh.filter(isNew)])
}

/** What of modules beside the notebook an import gives the name to. They run now. */
function brought(running: Running, definition: Definition, { module, member, loads }: NonNullable<Definition["brings"]>): readonly Known[] {
  const { state, unit } = running
  if (loads !== undefined) for (const place of state.modules.at(loads, unit)) load(running, place, definition.chance === "sure")
  return state.modules.at(module, unit).flatMap((place): readonly Known[] => {
    load(running, place, definition.chance === "sure")
    if (member === "") return [{ unit, definition, codes: [], stands: [], place }]
    const members = state.modules.memberOf(place, member)
    for (const one of members) if (one.place !== undefined) load(running, one.place, definition.chance === "sure")
    return members
  })
}

function load(running: Running, place: string, isSure: boolean): void {
  const { modules, imported } = running.state
  for (const code of modules.toRun(place)) {
    if (imported.has(code)) continue
    if (isSure) imported.add(code)
    run(running, code)
  }
}

/** `h = helpers`, `h = importlib.import_module("helpers")` */
function modulesIn(running: Running, value: Value, made: Known): readonly Known[] {
  const { state, unit } = running
  const named = BY_NAME.test(value.made) ? textGiven(unit.names.calls, value) : undefined
  if (named !== undefined) return brought(running, made.definition, { module: named, member: "" })
  return value.is === ""
    ? []
    : lookedUp(state, unit, value.is).flatMap(({ known, use: { reads } }) => (known.place !== undefined && !reads ? [known] : []))
}

function textGiven(calls: readonly Call[], { from, to }: Span): string | undefined {
  const literal = calls.find((call) => call.from >= from && call.to <= to)?.args[0]?.literal
  return typeof literal === "string" ? literal : undefined
}

/** `from helpers import *`, and R's `source`: among the names that are there. */
function opened(running: Running, event: NameEvent & { readonly do: "open" }): void {
  const { state, unit } = running
  const star = unit.names.imports.find(({ from, member }) => from === event.from && member === "*")
  for (const place of star ? state.modules.at(star.module, unit) : []) {
    load(running, place, event.chance === "sure")
    const own = state.modules.toRun(place).at(-1)
    for (const [name, known] of own?.unit.scope ?? []) unit.scope.set(name, [...new Set([...(unit.scope.get(name) ?? []), ...known])])
  }
  const call = unit.names.calls.find(({ from, callee }) => from === event.from && SOURCES.test(callee))
  const file = call && state.sources ? sourcedFile(state.sources, String(call.args[0]?.literal ?? "")) : undefined
  const code = file === undefined ? undefined : state.modules.file(file, unit)
  if (!code) return
  state.seen.add(placeOf(unit.id, event.from))
  run(running, code)
}

/** What a value takes over from a name in it: what a class's objects can do; a function that is not called yet; what is held in turn. */
function handedBy({ modules }: State, { known: { definition, codes, unit }, use: { called, reads } }: Hit): readonly Code[] {
  const isRun = called || reads?.called === true
  if (definition.how === "class") return codes
  if (!isRun) return codes
  // A function that is called may give an object of the classes in it.
  const inside = definition.bodies.flatMap(({ events }) =>
    events.flatMap((event) => (event.do === "use" ? hitsOf(modules, unit.scope.get(event.name) ?? [], event) : [])),
  )
  return inside.filter(({ known }) => known.definition.how === "class").flatMap(({ known }) => known.codes)
}

function standsOf({ state, unit }: Running, value: Value | undefined): readonly Stand[] {
  const written = value === undefined ? "" : value.is || value.made
  if (value === undefined || written === "" || written.startsWith(".")) return []
  const ends = value.made === "" ? "" : "()"
  const called = ends === "" ? [] : lookedUp(state, unit, written).flatMap(({ known, use: { reads } }) => (reads ? [] : [known]))
  // Of a function of the notebook it may be whatever that makes.
  const made = called.flatMap(({ definition, unit: own }) =>
    definition.bodies.flatMap(({ calls }) => calls.flatMap(({ callee }) => resolved(state, own, callee).map((one) => `${one}()`))),
  )
  const all = [...resolved(state, unit, written).map((one) => one + ends), ...made]
  // Something that is given to itself in a loop would grow.
  return [...new Set(all)].filter((one) => one.length < 200).map((one) => ({ for: one, cell: unit.id }))
}

function lookedUp({ modules }: State, { scope }: Unit, written: string): readonly Hit[] {
  const [name = "", ...path] = written.split(".")
  return hitsOf(modules, scope.get(name) ?? [], readFrom({ from: 0, to: 0 }, name, path))
}

function readFrom({ from, to }: Span, name: string, path: readonly string[], called = false): Use {
  const use = { do: "use", name, from, to, chance: "sure", soft: true } as const
  return path.length === 0 ? { ...use, called } : { ...use, called: false, reads: { path, called } }
}

function resolved(state: State, unit: Unit, written: string): readonly string[] {
  const hits = lookedUp(state, unit, written)
  const roots = hits.flatMap(({ known, use: { reads } }) => known.stands.map((stand) => [stand.for, ...(reads?.path ?? [])].join(".")))
  return roots.length > 0 || (hits.length > 0 && hits.every(({ known }) => known.unit.module !== "")) ? roots : [written]
}

function use(running: Running, event: Use, values: readonly Value[]): void {
  const { state, unit, touched } = running
  const known = unit.scope.get(event.name)
  if (!known) return
  const hits = hitsOf(state.modules, known, event)
  touched.push(...hits)
  const stands = hits.flatMap(({ known: one, past }) => one.stands.map((stand) => (past === 0 ? stand : { ...stand, past })))
  if (stands.length > 0) state.stands.set(placeOf(unit.id, event.from), stands)
  if (isSeen(hits)) state.seen.add(placeOf(unit.id, event.from))
  for (const hit of hits) reachedBy(running, hit, values)
}

/** Functions of modules and nothing else, by whatever names. */
function isSeen(hits: readonly Hit[]): boolean {
  const isOwn = ({ body, isMethod, unit }: Code) => body.name === "" && !isMethod && unit.module !== ""
  return hits.length > 0 && hits.every(({ known, use: { called } }) => called && known.codes.length > 0 && known.codes.every(isOwn))
}

function reachedBy(running: Running, hit: Hit, values: readonly Value[]): void {
  const { known, use: event } = hit
  if (known.place !== undefined && !event.reads) return moduleHanded(running, known.place, event)
  const isClass = known.definition.how === "class"
  // What a function does with a class that it names, it does to objects: see `calledOnObjects`.
  const isNamed = isClass && !running.isTop && !event.called && !event.reads
  for (const code of known.codes) {
    if (isClass && (event.called || isNamed)) running.state.made.set(code.body.name, (running.state.made.get(code.body.name) ?? new Set()).add(code))
    if (isNamed ? code.body.atCall : runs(running, { event, values, known, code })) run(running, code)
  }
}

/** A module that is given to something may be asked for anything in it; `reload` runs it once more. */
function moduleHanded(running: Running, place: string, { from, to }: Use): void {
  const around = running.unit.names.calls.filter((call) => call.from < from && call.to >= to)
  const own = running.state.modules.toRun(place).at(-1)
  if (!own) return
  if (around.some(({ callee }) => /(?:^|\.)reload$/.test(callee))) run(running, own)
  else if (around.some(({ callee }) => callee === "getattr" || callee === "vars" || !LOOKS.test(callee)))
    for (const known of own.unit.scope.values()) for (const { codes } of known) for (const code of codes) run(running, code)
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
function isHandedOn({ isTop, unit }: Running, { from, to }: Use, values: readonly Value[]): boolean {
  // Nobody sees what the function around does with it.
  if (!isTop) return true
  const around = unit.names.calls.filter((call) => call.from < from && call.to >= to)
  if (around.length > 0) return around.some(({ callee }) => !LOOKS.test(callee))
  return !values.some((value) => value.from <= from && value.to >= to)
}

function run(running: Running, code: Code): void {
  const { body, cell, through, unit, beside } = code
  const { state, found } = running
  if (found.has(body)) return
  found.set(body, { body, cell, through })
  const isTop = body.events === unit.names.events
  const inner: Running = { state, found, unit, isTop, touched: [] }
  walk(inner, body.events)
  if (isTop) return
  const calls = unit.names.calls.filter((call) => call.from >= body.from && call.to <= body.to)
  for (const { callee } of body.calls) {
    const [, method] = /^(?:self|cls)\.(\w+)$/.exec(callee) ?? []
    const other = method === undefined ? undefined : beside.find(({ name }) => name === method)
    if (other) run(inner, { ...code, body: other, isMethod: true })
  }
  importedInside(inner, code, calls)
  calledOnObjects(inner, calls)
}

/** What a function imports is its own, and no name of the notebook. */
function importedInside(running: Running, { body, unit }: Code, calls: readonly Call[]): void {
  for (const one of unit.names.imports) {
    if (!one.inFunction || one.from < body.from || one.to > body.to || one.as === "") continue
    const definition: Definition = {
      do: "define",
      name: one.as,
      how: "import",
      chance: "likely",
      bodies: [],
      literal: false,
      from: one.from,
      to: one.to,
    }
    const known = brought(running, definition, { module: one.module, member: one.member })
    const uses = calls.flatMap((call) => [
      { written: call.callee, called: true, at: call },
      ...call.args.map((argument) => ({ written: argument.member ?? argument.reads, called: false, at: argument })),
    ])
    for (const { written, called, at } of uses) {
      const [name, ...path] = written.split(".")
      if (name !== one.as) continue
      const hits = hitsOf(running.state.modules, known, readFrom(at, one.as, path, called))
      if (isSeen(hits)) running.state.seen.add(placeOf(unit.id, at.from))
      for (const hit of hits) reachedBy(running, hit, [])
    }
  }
}

/** `store.keep()` on something of the function's own: any object that was made, and has a method of that name. */
function calledOnObjects(running: Running, calls: readonly Call[]): void {
  const { state, unit } = running
  for (const { callee } of calls) {
    const [root = "", ...path] = callee.split(".")
    if (path.length === 0 || unit.scope.has(root)) continue
    for (const code of state.made.get(path.at(-1) ?? "") ?? []) run(running, code)
  }
}
