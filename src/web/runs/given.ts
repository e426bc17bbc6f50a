/** What a run was given, as people read it: files by their names. Pure. */
import type { Json } from "#base/json.ts"
import type { RunView } from "#web/runs/pages.ts"

export type RunFile = RunView["files"][number]

type Given = { readonly parameters?: unknown; readonly files: readonly Pick<RunFile, "parameter" | "name">[] }

export function givenOf({ parameters, files }: Given): Readonly<Record<string, Json>> {
  const values = (parameters ?? {}) as Readonly<Record<string, Json>>
  return { ...values, ...named(values, files, ({ name }) => name) }
}

/** The same to be compared: files of one name may hold other bytes. */
export function givenToCompare(run: Pick<RunView, "parameters" | "files">): Readonly<Record<string, Json>> {
  const values = (run.parameters ?? {}) as Readonly<Record<string, Json>>
  return { ...values, ...named(values, run.files, ({ name, sha256 }) => `${name} (SHA-256 ${sha256.slice(0, 12)}…)`) }
}

/** What a list names as uploads are its files, in their order; what else it holds lay with the notebook. */
function named<File extends Given["files"][number]>(
  values: Readonly<Record<string, Json>>,
  files: readonly File[],
  word: (file: File) => string,
): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    [...Map.groupBy(files, ({ parameter }) => parameter)].map(([name, own]) => {
      const value = values[name]
      const words = own.map(word)
      if (!Array.isArray(value)) return [name, words[0] ?? ""]
      return [name, value.map((item: Json) => (typeof item === "string" && item.startsWith("upload:") ? (words.shift() ?? item) : item))]
    }),
  )
}
