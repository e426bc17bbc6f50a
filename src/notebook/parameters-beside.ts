/** Defaults that are files: whether what a version brings has them. One that it does not bring is no value that it could run with. Pure. */
import type { Json } from "#base/json.ts"
import type { Declared, Parameter } from "#notebook/parameters-declared.ts"
import { filePlaceOf, pathsIn } from "#notebook/parameters-file.ts"
import { schemaOf } from "#notebook/parameters-schema.ts"

/** Where a version stands and what comes with it: the notebook's folder in its space, and whether there is a file at a path of that. */
export type Beside = { readonly folder: string; readonly has: (path: string) => boolean }

export function besideIn(notebook: string, manifest: { readonly [path: string]: string }): Beside {
  return { folder: notebook.split("/").slice(0, -1).join("/"), has: (path) => Object.hasOwn(manifest, path) }
}

/** As a path of the space; undefined for what leads out of it: an address, or a place of a machine. */
export function pathBeside(folder: string, value: string): string | undefined {
  if (/^(?:[A-Za-z][A-Za-z0-9+.-]*:|[/\\~])/.test(value) || value.includes("\\")) return undefined
  const parts = folder === "" ? [] : folder.split("/")
  for (const part of value.normalize("NFC").split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) return undefined
    } else if (part !== "" && part !== ".") parts.push(part)
  }
  return parts.join("/")
}

/** The path that a default names and that is not there; undefined where it is, or where nobody here can say. */
export function absentFile({ type, default: fallback }: Pick<Parameter, "type" | "default">, beside: Beside): string | undefined {
  return filePlaceOf(type) && pathsIn(fallback).find((path) => isAbsent(path, beside))
}

function isAbsent(value: string, { folder, has }: Beside): boolean {
  const path = pathBeside(folder, value)
  return path !== undefined && !has(path)
}

/** What it takes to run: a parameter whose default is a file that does not come with it has to be given, like one without a default. */
export function declaredBeside(declared: Declared, beside: Beside): Declared {
  if (declared.parameters.every((one) => absentFile(one, beside) === undefined)) return declared
  const parameters = declared.parameters.map((one) => (absentFile(one, beside) === undefined ? one : asked(one)))
  return { ...declared, parameters, schema: schemaOf(parameters) }
}

function asked({ default: _, ...parameter }: Parameter & { readonly default?: Json }): Parameter {
  return { ...parameter, required: true, defaultText: "" }
}
