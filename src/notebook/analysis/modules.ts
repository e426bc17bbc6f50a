/** The modules that a notebook brings from beside it, each read once, with the names that it has. */
import { type Body, type CellNames, type Definition, NOTHING, type Use } from "#notebook/analysis/names.ts"
import { besideHome, fileOf, filesTo, nameOf, type Place, placesOf, type Sources } from "#notebook/analysis/sources.ts"

/** What a name is another name for, with "()" where it holds what a call gave: `os.system`, `requests.Session()`; and who says so. */
export type Stand = {
  readonly for: string
  readonly cell: string
  /** How much of what is read of the name this is for: 1 in `helpers.api.post`, where `helpers.api` is it. */
  readonly past?: number
}

/** A source that runs: a cell, or a file beside the notebook by its path. The names that it gives are in its scope. */
export type Unit = {
  readonly id: string
  readonly names: CellNames
  readonly scope: Map<string, readonly Known[]>
  readonly module: string
  readonly prefix: string
}

/** Code that a cell runs, where it stands and whose it is. */
export type Reached = { readonly body: Body; readonly cell: string; readonly through: string }
export type Code = Reached & { readonly unit: Unit; readonly beside: readonly Body[]; readonly isMethod: boolean }
export type Known = {
  readonly unit: Unit
  readonly definition: Definition
  readonly codes: readonly Code[]
  readonly stands: readonly Stand[]
  /** The name is this module's. */
  readonly place?: Place
}

export type Modules = {
  /** Where a name in a source leads; none for what is installed. */
  at(module: string, from: Unit): readonly Place[]
  /** What runs when it is first imported: its own text behind those of the packages around it. */
  toRun(place: Place): readonly Code[]
  memberOf(place: Place, name: string): readonly Known[]
  /** A file that runs among the names of `unit`, as R's `source` has it. */
  file(path: string, unit: Unit): Code | undefined
  readonly all: () => readonly Code[]
}

export function openModules(sources: Sources | undefined, read: (source: string) => CellNames): Modules {
  const units = new Map<string, Code>()
  const unitOf = (path: string, scope: Unit["scope"], { module, prefix }: Pick<Unit, "module" | "prefix">): Code => {
    const known = units.get(path)
    if (known) return known
    const source = sources?.texts.get(path) ?? ""
    const unit: Unit = { id: path, names: read(source), scope, module, prefix }
    const body: Body = { name: "", from: 0, to: source.length, events: unit.names.events, calls: [], atCall: true }
    const made: Code = { body, cell: path, through: module, beside: [], isMethod: false, unit }
    units.set(path, made)
    return made
  }
  if (!sources) return { at: () => [], toRun: () => [], memberOf: () => [], file: () => undefined, all: () => [] }
  const module = (path: string) => {
    const name = nameOf(sources, path.replace(/(?:\/__init__)?\.py$/, ""))
    return unitOf(path, new Map(), { module: name, prefix: `${name}.` })
  }
  return {
    at: (name, { id }) => placesOf(sources, name, sources.texts.has(id) ? id : undefined),
    toRun: (place) => filesTo(sources, place).map(module),
    memberOf: (place, name) => {
      const path = fileOf(sources, place)
      const own = path === undefined ? [] : (module(path).unit.scope.get(name) ?? [])
      const below = `${place}/${name}`
      const isModule = own.length === 0 && placesOf({ ...sources, home: place }, name, undefined).includes(below)
      return isModule ? [moduleKnown(below, path === undefined ? undefined : module(path).unit)] : own
    },
    file: (path, unit) => (sources.texts.has(path) ? unitOf(path, unit.scope, { module: besideHome(sources, path), prefix: "" }) : undefined),
    all: () => [...units.values()],
  }
}

/** A module in a package, which nothing in that has given a name. */
function moduleKnown(place: Place, unit: Unit | undefined): Known {
  const own: Unit = unit ?? { id: place, names: NOTHING, scope: new Map(), module: "", prefix: "" }
  const definition: Definition = { do: "define", name: place, how: "import", chance: "sure", bodies: [], literal: false, from: 0, to: 0 }
  return { unit: own, definition, codes: [], stands: [], place }
}

/** What a use leads to when what is read of it leads through modules, and what is left to read of that. */
export type Hit = { readonly known: Known; readonly use: Use; readonly past: number }

export function hitsOf(modules: Modules, known: readonly Known[], use: Use, past = 0): readonly Hit[] {
  return known.flatMap((one): readonly Hit[] => {
    const [first, ...rest] = use.reads?.path ?? []
    const members = one.place === undefined || first === undefined ? [] : modules.memberOf(one.place, first)
    if (members.length === 0) return [{ known: one, use, past }]
    return hitsOf(modules, members, readOf(use, rest), past + 1)
  })
}

function readOf({ reads: before, ...use }: Use, path: readonly string[]): Use {
  const called = before?.called === true
  return path.length === 0 ? { ...use, called } : { ...use, called: false, reads: { path, called } }
}
