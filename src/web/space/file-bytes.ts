import { api } from "#web/app/api.ts"
import { fileContentHref, sessionFileHref } from "#web/app/places.ts"

/** Where the bytes of a file come from: a part of them to be looked at, and all of them to be taken along. */
export type FileBytes = {
  readonly key: readonly unknown[]
  readonly part: (headers: { readonly range: string }, signal: AbortSignal) => Promise<{ readonly value: Uint8Array; readonly headers: Headers }>
  readonly href: string
}

export function fileInSpace(space: string, path: string): FileBytes {
  return {
    key: ["file", space, path],
    part: (headers, signal) => api.reply("getFile", { query: { space, path }, headers, signal }),
    href: fileContentHref(space, path),
  }
}

/** A file that a cell has written; `changedAt`: as it was then. */
export function fileInSession(notebook: string, { path, changedAt }: { readonly path: string; readonly changedAt: string }): FileBytes {
  return {
    key: ["file of a session", notebook, path, changedAt],
    part: (headers, signal) => api.reply("getSessionFile", { params: { notebook }, query: { path }, headers, signal }),
    href: sessionFileHref(notebook, path),
  }
}
