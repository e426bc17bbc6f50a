/** Files for the fields of a launch form: what may be sent, and what is told of it. Pure but for `sendGiven`. */
import type { Answered } from "#api/contract.ts"
import { sendBytes } from "#web/app/send-bytes.ts"
import { sizeWords } from "#web/app/words.ts"
import type { Field } from "#web/launch/field.ts"

export type Upload = Answered<"getUpload">

/** What the upload belongs to: a template by its name, or a notebook. */
export type SentFor = { readonly template: string } | { readonly notebook: string }

/** The id in `upload:01J…`. */
export function uploadIn(text: string): string | undefined {
  return /^upload:([0-9A-Z]{26})$/u.exec(text)?.[1]
}

/** Of a list of files, as it stands in its field: a line for each. */
export function itemsIn(text: string): readonly string[] {
  return text === "" ? [] : text.split("\n")
}

/** Why a file is not sent at all; undefined when it is. As the server would say it. */
export function fileProblem({ accept, maxBytes }: Pick<Field, "accept" | "maxBytes">, file: Pick<File, "name" | "size">): string | undefined {
  const lower = file.name.toLowerCase()
  if (accept.length > 0 && !accept.some((ending) => lower.endsWith(ending) && lower.length > ending.length))
    return `${file.name} has another ending: choose a file that ends in ${accept.join(" or ")}.`
  if (file.size === 0) return `${file.name} is empty: choose a file with something in it.`
  if (maxBytes !== undefined && file.size > maxBytes)
    return `${file.name} has ${sizeWords(file.size)}, and at most ${sizeWords(maxBytes)} are taken: choose a smaller file.`
  return undefined
}

/** @throws ApiProblem, Error, and AbortError when it was called off */
export function sendGiven(to: SentFor, file: File, progress: (part: number) => void, signal: AbortSignal): Promise<Upload> {
  const place = "template" in to ? `templates/${encodeURIComponent(to.template)}` : `notebooks/${to.notebook}`
  const url = `/api/v1/${place}/uploads?${new URLSearchParams({ name: file.name })}`
  return sendBytes<Upload>({ method: "POST", url, type: "application/octet-stream", file }, progress, signal)
}
