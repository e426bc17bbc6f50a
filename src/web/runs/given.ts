/** What a run was given, as people read it: files by their names. Pure. */
import type { Json } from "#base/json.ts"
import type { RunView } from "#web/runs/pages.ts"

export type RunFile = RunView["files"][number]

type Given = { readonly parameters?: unknown; readonly files: readonly Pick<RunFile, "parameter" | "name">[] }

export function givenOf({ parameters, files }: Given): Readonly<Record<string, Json>> {
  const values = (parameters ?? {}) as Readonly<Record<string, Json>>
  return { ...values, ...Object.fromEntries(files.map(({ parameter, name }) => [parameter, name])) }
}

/** The same to be compared: files of one name may hold other bytes. */
export function givenToCompare(run: Pick<RunView, "parameters" | "files">): Readonly<Record<string, Json>> {
  return {
    ...givenOf(run),
    ...Object.fromEntries(run.files.map(({ parameter, name, sha256 }) => [parameter, `${name} (SHA-256 ${sha256.slice(0, 12)}…)`])),
  }
}
