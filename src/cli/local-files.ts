/** Values of parameters that are files of this machine: looked at before a kernel starts, and named by the path at which every kernel finds them. */
import { statSync } from "node:fs"
import { basename, resolve } from "node:path"
import { isList, parse } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import type { Edge } from "#cli/edge.ts"
import { type Declared, type FilePlace, type FileType, fileMisfit, filePlaceOf, type Given, type GivenValue, uploadIn } from "#notebook/index.ts"

/** Paths are meant from there. `stays`: the kernel works there as well, so that they stay as they were written. */
export type FilesFrom = { readonly folder: string; readonly stays?: boolean }

/** Name → which files that parameter takes. */
export type FilePlaces = ReadonlyMap<string, FilePlace & { readonly isNullable: boolean }>

/** Every file that cannot be read is told at once. What is given as raw text stays text. */
export function localFiles(edge: Pick<Edge, "env">, declared: Declared, given: Given, from: FilesFrom): Outcome<Given, readonly string[]> {
  // A remote kernel sees another machine's files: nobody here can say what lies there.
  if (edge.env["JUPYTER_GATEWAY_URL"]) return accepted(given)
  const places = placesIn(declared)
  const looked = gathered(places, given).map((one) => lookedAt(places, one, from))
  const messages = looked.flatMap((one) => (one.ok ? [] : [one.refusal]))
  if (messages.length > 0) return refused(messages)
  return accepted(looked.flatMap((one) => (one.ok ? [one.value] : [])))
}

function placesIn({ parameters }: Declared): FilePlaces {
  return new Map(
    parameters.flatMap(({ name, type: declared }) => {
      const place = filePlaceOf(declared)
      return place ? [[name, { ...place, isNullable: declared.kind === "either" }] as const] : []
    }),
  )
}

/** A list of files is given by one path after the other, or all of them as a list in JSON: what was given of one name is one value. */
export function gathered(places: FilePlaces, given: Given): Given {
  const lists = new Map<string, readonly string[]>()
  const all: GivenValue[] = []
  for (const one of given) {
    const paths = "text" in one && !one.raw && places.get(one.name)?.isMany ? listed(places, one.name, one.text) : undefined
    const before = lists.get(one.name)
    if (before)
      all.splice(
        all.findIndex(({ name }) => name === one.name),
        1,
      )
    if (paths) lists.set(one.name, [...(before ?? []), ...paths])
    else lists.delete(one.name)
    all.push(paths ? { name: one.name, value: [...(before ?? []), ...paths] } : one)
  }
  return all
}

/** Undefined where the text says that there are none. */
function listed(places: FilePlaces, name: string, text: string): readonly string[] | undefined {
  if (places.get(name)?.isNullable && isNone(text)) return undefined
  const read = text.trimStart().startsWith("[") ? parse(text) : undefined
  const items = read?.ok && isList(read.value) ? read.value : [text]
  return items.every((item) => typeof item === "string") ? items : [text]
}

function isNone(text: string): boolean {
  return ["None", "null"].includes(text)
}

export type FilesGiven = FilePlace & { readonly paths: readonly string[] }

/** The paths that are given for a parameter that takes files; undefined where none is. */
export function filesGiven(places: FilePlaces, one: GivenValue): FilesGiven | undefined {
  const place = places.get(one.name)
  const value = "text" in one ? (one.raw ? undefined : one.text) : one.value
  if (!place || value === undefined || ("text" in one && place.isNullable && isNone(one.text))) return undefined
  const paths = place.isMany ? (isList(value) ? value : []) : [value]
  const areAll = paths.length > 0 && paths.every((path) => typeof path === "string" && path.trim() !== "" && !path.includes("\0"))
  return areAll ? { type: place.type, isMany: place.isMany, paths: paths as readonly string[] } : undefined
}

function lookedAt(places: FilePlaces, one: GivenValue, { folder, stays }: FilesFrom): Outcome<GivenValue, string> {
  const files = filesGiven(places, one)
  if (!files) return accepted(one)
  const sent = files.paths.find((path) => uploadIn(path) !== undefined)
  if (sent !== undefined)
    return refused(`The parameter ${one.name} names a file that was sent to a server (${sent}): give a path, or run it there with --server.`)
  const wrong = files.paths.flatMap((path) => wrongWith(one.name, files.type, { path, whole: resolve(folder, path) }) ?? [])
  if (wrong.length > 0) return refused(wrong.join(" "))
  const values = files.paths.map((path) => (stays ? path : resolve(folder, path)))
  return accepted({ name: one.name, value: files.isMany ? values : (values[0] ?? "") })
}

/** Why the file cannot be the value, in a sentence. */
export function wrongWith(parameter: string, type: FileType, { path, whole }: { readonly path: string; readonly whole: string }): string | undefined {
  const found = statSync(whole, { throwIfNoEntry: false })
  if (!found) return `There is no file ${path} for the parameter ${parameter}${path === whole ? "" : `: it would be ${whole}`}.`
  if (!found.isFile())
    return `The parameter ${parameter} is a file, and ${path} is ${found.isDirectory() ? "a directory" : "no ordinary file"}: name a file.`
  return fileMisfit(parameter, type, { name: basename(whole), sizeBytes: found.size })
}
