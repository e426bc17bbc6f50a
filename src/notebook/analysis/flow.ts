/**
 * Who gives a name to whom: the cells of a notebook taken one after the other, in the order of the document or of their last
 * execution. A name is defined, undefined, or nobody can know from the source.
 */
import type { Body, CellNames, Chance, Definition, NameEvent, Use } from "#notebook/analysis/names.ts"
import { both } from "#notebook/analysis/python-scope.ts"

export type FlowCell = { readonly id: string; readonly names: CellNames }

/**
 * What is wrong with a use: no cell defines the name; one below does; it was deleted above; it is called and holds a value written out;
 * it is `input`, and asks somebody who is not there.
 */
export type Missing = "nowhere" | "later" | "deleted" | "value" | "asks"

export type Undefined = {
  /** Where the name stands. */
  readonly cell: string
  readonly use: Use
  readonly missing: Missing
  /** The cell that defines it below, or deleted it above; "" for none. */
  readonly other: string
  /** The cell that runs into it; the same as `cell`, unless the name stands in a function. */
  readonly raisesIn: string
  /** The function whose call leads there; "" for none. */
  readonly through: string
  readonly chance: Chance
}

/** Something read of what an import brought. */
export type MemberRead = {
  readonly cell: string
  readonly use: Use
  readonly brings: NonNullable<Definition["brings"]>
  readonly raisesIn: string
  readonly through: string
}

/** A function that certainly runs when the cell does. */
export type FunctionRun = { readonly body: Body; readonly cell: string; readonly raisesIn: string; readonly through: string }

export type Dependency = { readonly cell: string; readonly on: string; readonly name: string }

export type Flow = {
  readonly undefined: readonly Undefined[]
  readonly dependencies: readonly Dependency[]
  /** The names that some cell uses, other than through itself, by their definers. */
  readonly used: ReadonlyMap<string, ReadonlySet<string>>
  /** Each place once, where it is certainly come to. */
  readonly members: readonly MemberRead[]
  readonly runs: readonly FunctionRun[]
  /** What made later names unknowable: the first such place; undefined when there is none. */
  readonly opened: { readonly cell: string; readonly why: string } | undefined
}

type Known = { readonly cell: string; readonly definition: Definition }

type State = {
  readonly isBuiltin: (name: string) => boolean
  readonly known: Map<string, readonly Known[]>
  readonly modifiers: Map<string, readonly string[]>
  readonly deleted: Map<string, string>
  /** Words of cells that could not be read. */
  readonly mentioned: Set<string>
  readonly definers: ReadonlyMap<string, readonly string[]>
  readonly undefined: Map<string, Undefined>
  readonly dependencies: Map<string, Dependency>
  readonly used: Map<string, Set<string>>
  readonly members: Map<string, MemberRead>
  readonly runs: FunctionRun[]
  opened: Flow["opened"]
}

/** The state of one cell's walk. */
type Running = { readonly state: State; readonly cell: string; readonly expanded: Set<Body> }

export function flowOf(cells: readonly FlowCell[], isBuiltin: (name: string) => boolean): Flow {
  const state: State = {
    isBuiltin,
    known: new Map(),
    modifiers: new Map(),
    deleted: new Map(),
    mentioned: new Set(),
    definers: definersIn(cells),
    undefined: new Map(),
    dependencies: new Map(),
    used: new Map(),
    members: new Map(),
    runs: [],
    opened: undefined,
  }
  for (const { id, names } of cells) {
    const running: Running = { state, cell: id, expanded: new Set() }
    for (const event of names.events) happen(running, event)
    for (const word of names.mentions) state.mentioned.add(word)
  }
  for (const { id, names } of cells) for (const event of names.events) if (event.do === "define") neverDefined(state, id, event)
  const { used, runs, opened } = state
  return {
    undefined: [...state.undefined.values()],
    dependencies: [...state.dependencies.values()],
    members: [...state.members.values()],
    used,
    runs,
    opened,
  }
}

/** The cells that define a name, in their order, global statements in functions included. */
function definersIn(cells: readonly FlowCell[]): ReadonlyMap<string, readonly string[]> {
  const definers = new Map<string, string[]>()
  const note = (id: string, event: NameEvent): void => {
    if (event.do !== "define") return
    const list = definers.get(event.name) ?? []
    if (list.at(-1) !== id) list.push(id)
    definers.set(event.name, list)
    for (const body of event.bodies) for (const inner of body.events) note(id, inner)
  }
  for (const { id, names } of cells) for (const event of names.events) note(id, event)
  return definers
}

function happen(running: Running, event: NameEvent): void {
  const { state, cell } = running
  switch (event.do) {
    case "use":
      return use(running, event, { at: cell, through: "" })
    case "define":
      return define(state, cell, event)
    case "modify":
      state.modifiers.set(event.name, [...(state.modifiers.get(event.name) ?? []).filter((id) => id !== cell), cell])
      return
    case "delete":
      return remove(state, cell, event)
    case "open":
      state.opened ??= { cell, why: event.why }
      return
    case "clear":
      state.known.clear()
      state.modifiers.clear()
  }
}

function define(state: State, cell: string, definition: Definition): void {
  const before = state.known.get(definition.name) ?? []
  if (definition.chance === "sure" && !definition.declared) {
    state.known.set(definition.name, [{ cell, definition }])
    if (definition.how !== "update") state.modifiers.delete(definition.name)
    state.deleted.delete(definition.name)
  } else if (!before.some((known) => known.definition === definition)) state.known.set(definition.name, [...before, { cell, definition }])
}

function remove(state: State, cell: string, { name, chance }: { readonly name: string; readonly chance: Chance }): void {
  if (chance !== "sure") return
  state.known.delete(name)
  state.deleted.set(name, cell)
}

type Place = { readonly at: string; readonly through: string }

function use(running: Running, event: Use, place: Place): void {
  const { state } = running
  const known = state.known.get(event.name)
  if (known === undefined) {
    if (!event.soft) missing(running, event, place)
    return
  }
  const [only] = known
  if (event.called && known.length === 1 && only?.definition.literal && only.definition.chance === "sure") {
    report(running, event, { ...place, missing: "value", other: only.cell })
  }
  if (known.length === 1 && only) memberRead(running, event, { ...place, definition: only.definition })
  for (const { cell: on } of known) depend(running, on, event.name)
  for (const on of state.modifiers.get(event.name) ?? []) depend(running, on, event.name)
  for (const { cell: at, definition } of known)
    for (const body of definition.bodies) expand(running, { body, event: known.length === 1 ? event : lessSure(event), definition, at })
}

function memberRead({ state, cell }: Running, use: Use, { at, through, definition }: Place & { readonly definition: Definition }): void {
  const { brings, chance } = definition
  const key = `${at} ${use.from}`
  if (!brings || !use.reads || chance !== "sure" || use.chance !== "sure" || use.soft || state.members.has(key)) return
  state.members.set(key, { cell: at, use, brings, raisesIn: cell, through })
}

function depend({ state, cell }: Running, on: string, name: string): void {
  const used = state.used.get(name)
  if (used) used.add(on)
  else state.used.set(name, new Set([on]))
  if (on === cell) return
  const key = `${cell}\n${on}\n${name}`
  if (!state.dependencies.has(key)) state.dependencies.set(key, { cell, on, name })
}

function lessSure(event: Use): Use {
  return { ...event, chance: both(event.chance, "likely") }
}

/** The body of what is used, as if it ran now, once a cell. */
function expand(running: Running, { body, event, definition, at }: { body: Body; event: Use; definition: Definition; at: string }): void {
  if (running.expanded.has(body)) return
  running.expanded.add(body)
  const runs = event.called && body.atCall
  if (runs && event.chance === "sure" && definition.chance === "sure")
    running.state.runs.push({ body, cell: at, raisesIn: running.cell, through: definition.name })
  for (const inner of body.events) {
    if (inner.do === "clear") continue
    const chance = runs ? both(definition.chance === "sure" ? event.chance : lessSure(event).chance, inner.chance) : "unlikely"
    if (inner.do === "use") use(running, { ...inner, chance, soft: inner.soft || event.soft || !runs }, { at, through: definition.name })
    else if (inner.do === "define") define(running.state, at, inner)
    else happen(running, { ...inner, chance })
  }
}

function missing(running: Running, event: Use, place: Place): void {
  const { state } = running
  const { name } = event
  if (ASKS.has(name) && event.called && state.isBuiltin(name)) return report(running, event, { ...place, missing: "asks", other: "" })
  if (state.isBuiltin(name) || state.opened || state.mentioned.has(name)) return
  const deletedIn = state.deleted.get(name)
  const definedIn = (state.definers.get(name) ?? []).at(0)
  const why: Missing = deletedIn !== undefined ? "deleted" : definedIn !== undefined ? "later" : "nowhere"
  report(running, event, { ...place, missing: why, other: deletedIn ?? definedIn ?? "" })
}

const ASKS = new Set(["input"])

type Report = Place & { readonly missing: Missing; readonly other: string }

/** Each place once, as its surest. */
function report({ state, cell }: Running, event: Use, { at, through, missing, other }: Report): void {
  const key = `${at} ${event.from}`
  const earlier = state.undefined.get(key)
  if (earlier && (earlier.chance !== "unlikely" || event.chance === "unlikely")) return
  state.undefined.set(key, { cell: at, use: event, missing, other, raisesIn: cell, through, chance: event.chance })
}

/** What only functions use that nobody calls here: wrong only where no cell defines it at all. */
function neverDefined(state: State, cell: string, definition: Definition): void {
  for (const body of definition.bodies) {
    for (const event of body.events) {
      const key = event.do === "use" ? `${cell} ${event.from}` : ""
      if (event.do !== "use" || event.soft || state.undefined.has(key)) continue
      if (state.definers.has(event.name) || state.isBuiltin(event.name) || state.opened || state.mentioned.has(event.name)) continue
      const found: Undefined = { cell, use: event, missing: "nowhere", other: "", raisesIn: cell, through: definition.name, chance: "unlikely" }
      state.undefined.set(key, found)
    }
  }
}
