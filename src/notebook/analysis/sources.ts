/**
 * The sources that lie beside a notebook, and which of them an import brings, or R's `source`. Where a module is looked for is set when the
 * notebook runs (`sys.path`), so one that is not found from the notebook's folder is taken from wherever there is one of that name.
 */
import type { CellNames } from "#notebook/analysis/names.ts"

export type Sources = {
  /** The notebook's folder, as the paths have it; "" where they begin there, and lead to folders above by "..". */
  readonly home: string
  /** Texts by path: Python's and R's. */
  readonly texts: ReadonlyMap<string, string>
}

const MOST_TEXT = 2_000_000
/** In no language. */
const UNREADABLE = "("

/** As much as is looked at while somebody waits. What is beyond that is there, and nobody can tell what it does. */
export function sourcesFrom(home: string, texts: readonly (readonly [path: string, text: string])[]): Sources {
  let left = MOST_TEXT
  const read = new Map<string, string>()
  for (const [path, text] of texts) {
    left -= text.length
    read.set(path, left < 0 ? UNREADABLE : text)
  }
  return { home, texts: read }
}

/** A module's path without ending: `pkg/sub` for `pkg/sub.py`, `pkg/sub/__init__.py`, and a folder that has neither. */
export type Place = string

/** undefined for a folder alone. */
export function fileOf({ texts }: Pick<Sources, "texts">, place: Place): string | undefined {
  return [`${place}/__init__.py`, `${place}.py`].find((path) => texts.has(path))
}

/** @param from the path of the source that imports; undefined for the notebook @param module with dots, those at its beginning included */
export function placesOf(sources: Sources, module: string, from: string | undefined): readonly Place[] {
  const [dots = ""] = /^\.*/.exec(module) ?? []
  const parts = module.slice(dots.length).split(".").filter(Boolean)
  if (dots !== "") {
    const place = within(upFrom(from === undefined ? sources.home : folderOf(from), dots.length - 1), parts)
    return place !== undefined && isThere(sources, place) ? [place] : []
  }
  const [own = ""] = [within(sources.home, parts)]
  if (isThere(sources, own)) return [own]
  return placesAnywhere(sources, parts.join("/"))
}

/** `source("helpers.R")`: from the notebook's folder, where it runs. */
export function sourcedFile({ home, texts }: Sources, path: string): string | undefined {
  const at = joined(home, path)
  return at !== undefined && texts.has(at) ? at : undefined
}

/** As it is imported from the notebook's folder. */
export function nameOf(sources: Sources, place: Place): string {
  return besideHome(sources, place)
    .replace(/^(?:\.\.\/)+/, "")
    .replaceAll("/", ".")
}

/** As the notebook would say it, where it lies below. */
export function besideHome({ home }: Sources, path: string): string {
  return home !== "" && path.startsWith(`${home}/`) ? path.slice(home.length + 1) : path
}

function placesAnywhere(sources: Sources, tail: string): readonly Place[] {
  const found = new Set<Place>()
  for (const path of sources.texts.keys()) {
    const at = `/${path}`.indexOf(`/${tail}/`)
    const place = /^(.*?)(?:\/__init__)?\.py$/.exec(path)?.[1] ?? ""
    if (`/${place}`.endsWith(`/${tail}`)) found.add(place)
    else if (at >= 0 && path.endsWith(".py")) found.add(path.slice(0, at + tail.length))
  }
  return [...found]
}

function isThere(sources: Sources, place: Place): boolean {
  if (place === "") return false
  return fileOf(sources, place) !== undefined || [...sources.texts.keys()].some((path) => path.startsWith(`${place}/`) && path.endsWith(".py"))
}

/** undefined for an address and a place of a machine. */
function joined(folder: string, path: string): string | undefined {
  if (/^(?:[A-Za-z][A-Za-z0-9+.-]*:|[/\\~])/.test(path)) return undefined
  const parts = folder === "" ? [] : folder.split("/")
  for (const part of path.split("/")) {
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop()
    else if (part !== "" && part !== ".") parts.push(part)
  }
  return parts.join("/")
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")))
}

function upFrom(folder: string, levels: number): string | undefined {
  const parts = folder === "" ? [] : folder.split("/")
  return levels > parts.length ? undefined : parts.slice(0, parts.length - levels).join("/")
}

function within(folder: string | undefined, parts: readonly string[]): Place | undefined {
  return folder === undefined ? undefined : [...(folder === "" ? [] : [folder]), ...parts].join("/")
}

/** What a source says of others, wherever in it: imports, `import_module("x")`, `source("x.R")`. */
function broughtBy({ imports, calls }: CellNames): { readonly modules: readonly string[]; readonly files: readonly string[] } {
  const named = (form: RegExp) =>
    calls.flatMap(({ callee, args: [first] }) => (form.test(callee) && typeof first?.literal === "string" ? [first.literal] : []))
  const written = imports.flatMap(({ module, member }) =>
    member === "" || member === "*" ? [module] : [module, `${module}${module.endsWith(".") ? "" : "."}${member}`],
  )
  return { modules: [...written, ...named(BY_NAME)], files: named(SOURCES) }
}

export const BY_NAME = /(?:^|\.)(?:import_module|__import__)$/
export const SOURCES = /^(?:base::)?(?:sys\.)?source$/

/** The paths of what these sources bring, and of what that brings in turn; a package's own files run before what is in it. */
export function closureOf(sources: Sources, names: readonly CellNames[], read: (source: string) => CellNames): readonly string[] {
  const found = new Set<string>()
  const note = (each: CellNames, from: string | undefined): void => {
    const { modules, files } = broughtBy(each)
    for (const module of modules) for (const place of placesOf(sources, module, from)) for (const path of filesTo(sources, place)) found.add(path)
    for (const file of files) found.add(sourcedFile(sources, file) ?? "")
  }
  for (const each of names) note(each, undefined)
  for (const path of found) note(read(sources.texts.get(path) ?? ""), path)
  found.delete("")
  return [...found].sort()
}

/** Of the packages around it, and its own. */
export function filesTo(sources: Sources, place: Place): readonly string[] {
  const parts = place.split("/")
  const around = parts.slice(0, -1).flatMap((_, at) => {
    const path = `${parts.slice(0, at + 1).join("/")}/__init__.py`
    return sources.texts.has(path) ? [path] : []
  })
  return [...around, ...[fileOf(sources, place)].flatMap((path) => path ?? [])]
}

const ADDS_FOLDERS = /(?:^|\.)(?:sys\.path\.(?:append|insert|extend)|addsitedir)$/

/** Where what the notebook and its sources bring may lie, as paths: for whoever cannot tell what there is, and has to look. */
export function wantedBy(sources: Sources, cells: readonly CellNames[], read: (source: string) => CellNames): readonly string[] {
  const all = [...cells.map((names) => ({ names, from: undefined })), ...Array.from(sources.texts, ([from, text]) => ({ names: read(text), from }))]
  const added = all.flatMap(({ names: { calls, texts } }) =>
    calls.flatMap(({ callee, from, to }) => (ADDS_FOLDERS.test(callee) ? foldersIn(texts.filter((text) => text.from >= from && text.to <= to)) : [])),
  )
  const roots = [sources.home, ...added.flatMap((folder) => joined(sources.home, folder) ?? [])]
  const wanted = all.flatMap(({ names, from }) => {
    const { modules, files } = broughtBy(names)
    return [...modules.flatMap((module) => filesOf(module, { sources, from, roots })), ...files.flatMap((file) => joined(sources.home, file) ?? [])]
  })
  return [...new Set(wanted)].filter((path) => !sources.texts.has(path))
}

/** `sys.path.append(os.path.join("..", "src"))`: each, and all together. */
function foldersIn(texts: readonly { readonly value: string }[]): readonly string[] {
  const values = texts.map(({ value }) => value)
  return values.length > 1 ? [...values, values.join("/")] : values
}

type Looking = { readonly sources: Sources; readonly from: string | undefined; readonly roots: readonly string[] }

function filesOf(module: string, { sources, from, roots }: Looking): readonly string[] {
  const [dots = ""] = /^\.*/.exec(module) ?? []
  const parts = module.slice(dots.length).split(".").filter(Boolean)
  const folders = dots === "" ? roots : [upFrom(from === undefined ? sources.home : folderOf(from), dots.length - 1)]
  return folders.flatMap((folder) =>
    [[], ...parts].flatMap((_, at) => {
      const place = within(folder, parts.slice(0, at))
      return place === undefined || place === "" ? [] : [...(at === 0 ? [] : [`${place}.py`]), `${place}/__init__.py`]
    }),
  )
}
