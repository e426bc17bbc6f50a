/** Values of parameters that are files of this machine: looked at before a kernel starts, and named by the path at which every kernel finds them. */
import { statSync } from "node:fs"
import { basename, resolve } from "node:path"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import type { Edge } from "#cli/edge.ts"
import { type Declared, type FileType, fileMisfit, fileTypeOf, type Given, type GivenValue, uploadIn } from "#notebook/index.ts"

/** Paths are meant from there. `stays`: the kernel works there as well, so that they stay as they were written. */
export type FilesFrom = { readonly folder: string; readonly stays?: boolean }

/** Name → which files that parameter takes. */
export type FilePlaces = ReadonlyMap<string, { readonly type: FileType; readonly isNullable: boolean }>

/** Every file that cannot be read is told at once. What is given as raw text stays text. */
export function localFiles(edge: Pick<Edge, "env">, declared: Declared, given: Given, from: FilesFrom): Outcome<Given, readonly string[]> {
  // A remote kernel sees another machine's files: nobody here can say what lies there.
  if (edge.env["JUPYTER_GATEWAY_URL"]) return accepted(given)
  const places = placesIn(declared)
  const looked = given.map((one) => lookedAt(places, one, from))
  const messages = looked.flatMap((one) => (one.ok ? [] : [one.refusal]))
  if (messages.length > 0) return refused(messages)
  return accepted(looked.flatMap((one) => (one.ok ? [one.value] : [])))
}

function placesIn({ parameters }: Declared): FilePlaces {
  return new Map(
    parameters.flatMap(({ name, type: declared }) => {
      const type = fileTypeOf(declared)
      return type ? [[name, { type, isNullable: declared.kind === "either" }] as const] : []
    }),
  )
}

/** The path that is given for a parameter that is a file; undefined where none is. */
export function fileGiven(places: FilePlaces, one: GivenValue): { readonly type: FileType; readonly path: string } | undefined {
  const place = places.get(one.name)
  const path = "text" in one ? (one.raw ? undefined : one.text) : one.value
  if (!place || typeof path !== "string" || path.trim() === "" || path.includes("\0")) return undefined
  const isNone = place.isNullable && "text" in one && ["None", "null"].includes(path)
  return isNone ? undefined : { type: place.type, path }
}

function lookedAt(places: FilePlaces, one: GivenValue, { folder, stays }: FilesFrom): Outcome<GivenValue, string> {
  const file = fileGiven(places, one)
  if (!file) return accepted(one)
  const { type, path } = file
  if (uploadIn(path) !== undefined)
    return refused(`The parameter ${one.name} names a file that was sent to a server (${path}): give a path, or run it there with --server.`)
  const whole = resolve(folder, path)
  const wrong = wrongWith(one.name, type, { path, whole })
  return wrong === undefined ? accepted({ name: one.name, value: stays ? path : whole }) : refused(wrong)
}

/** Why the file cannot be the value, in a sentence. */
export function wrongWith(parameter: string, type: FileType, { path, whole }: { readonly path: string; readonly whole: string }): string | undefined {
  const found = statSync(whole, { throwIfNoEntry: false })
  if (!found) return `There is no file ${path} for the parameter ${parameter}${path === whole ? "" : `: it would be ${whole}`}.`
  if (!found.isFile())
    return `The parameter ${parameter} is a file, and ${path} is ${found.isDirectory() ? "a directory" : "no ordinary file"}: name a file.`
  return fileMisfit(parameter, type, { name: basename(whole), sizeBytes: found.size })
}
