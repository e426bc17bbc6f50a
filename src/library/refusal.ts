/** Everything the catalog can refuse, in the words of the person who asked. What is not allowed to be seen is not there. */
import type { Outcome } from "#base/outcome.ts"
import type { BadPath } from "#library/path.ts"
import type { BadQuery } from "#library/search-query.ts"
import type { BadName } from "#library/title.ts"
import type { PersonId } from "#people/index.ts"

/** Somebody else put it since. Both sides are told; `theirs` is null when it is not there any more, `base` when it should not have been there. */
export type FileChanged = {
  readonly refused: "file_changed"
  readonly message: string
  readonly theirs: { readonly sha256: string; readonly sizeBytes: number; readonly author: PersonId | null; readonly at: number } | null
  readonly yours: { readonly base: string | null; readonly sha256: string }
}

export type CatalogRefusal =
  | BadPath
  | BadName
  | BadQuery
  | {
      readonly refused:
        | "no_such_space"
        | "no_such_notebook"
        | "no_such_file"
        | "no_such_folder"
        | "no_such_person"
        | "no_such_comment"
        | "no_such_test"
      readonly message: string
    }
  /** It may be seen, but this may not be done. */
  | { readonly refused: "not_allowed"; readonly message: string }
  /** `by` is what stands there; `path` where. */
  | { readonly refused: "path_taken"; readonly message: string; readonly path: string; readonly by: "notebook" | "file" | "folder" }
  | { readonly refused: "name_taken"; readonly message: string }
  /** A line for each thing that is wrong with a file of test cases. */
  | { readonly refused: "bad_test" | "bad_test_file"; readonly message: string }
  | FileChanged
  | { readonly refused: "too_large"; readonly message: string; readonly limitBytes: number }
  | { readonly refused: "bad_cursor"; readonly message: string }
  | { readonly refused: "bad_limit"; readonly message: string }
  | { readonly refused: "bad_archive"; readonly message: string }
  /** What is at a web address cannot be had: it is not public, not there, or does not answer. */
  | { readonly refused: "bad_address"; readonly message: string }

export type Refused = { readonly ok: false; readonly refusal: CatalogRefusal }
export type Catalogued<Value> = Outcome<Value, CatalogRefusal>

type Plain = Exclude<CatalogRefusal, { readonly path: string } | { readonly limitBytes: number } | { readonly theirs: unknown }>["refused"]

export function refuse(refused: Plain, message: string): Refused {
  return { ok: false, refusal: { refused, message } }
}

export function noSuch(noun: "space" | "notebook" | "file" | "folder" | "person", asked: string): Refused {
  const shown = asked.length > 200 ? `${asked.slice(0, 200)}…` : asked
  return refuse(`no_such_${noun}`, `There is no ${noun} ${JSON.stringify(shown)}, or you may not see it.`)
}

export function notAllowed(what: string): Refused {
  return refuse("not_allowed", `You may not ${what}: ask an administrator of the space for the role that may.`)
}
