/** A result as an agent reads it: prose, and what cells showed, as text and a few pictures. Code, errors and what was only printed are left out. Pure. */

import type { Content } from "#api/mcp/protocol.ts"
import { isList, isObject, type Json, own, write } from "#base/json.ts"
import { type Notebook, type Output, reportOf } from "#notebook/index.ts"

const MOST_CHARACTERS = 40_000
const MOST_PICTURES = 4
const MOST_PICTURE_CHARACTERS = 1_400_000

export function reportFor(notebook: Notebook): readonly Content[] {
  const parts = reportOf(notebook).cells.flatMap((cell) =>
    cell.cell_type === "markdown" ? [cell.source] : (cell.outputs ?? []).map((output) => textOf(output)),
  )
  const text = parts.filter((part) => part.trim() !== "").join("\n\n")
  const short = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS).toWellFormed()}\n\n… (the rest is in the result itself)` : text
  return [...(short === "" ? [] : [{ type: "text" as const, text: short }]), ...picturesIn(notebook)]
}

const TEXTS = ["text/markdown", "text/plain", "application/json"]

function textOf(output: Output): string {
  const data = own(output, "data")
  if (!isObject(data)) return ""
  // Beside a picture the text is only what the object is called.
  if (own(data, "image/png") !== undefined) return ""
  const found = TEXTS.map((type) => own(data, type)).find((value) => value !== undefined)
  return found === undefined ? "" : joined(found)
}

function joined(value: Json): string {
  if (typeof value === "string") return value
  return isList(value) && value.every((line) => typeof line === "string") ? value.join("") : write(value)
}

function picturesIn(notebook: Notebook): readonly Content[] {
  const found = reportOf(notebook).cells.flatMap((cell) =>
    (cell.outputs ?? []).flatMap((output) => {
      const data = own(output, "data")
      const picture = isObject(data) ? own(data, "image/png") : undefined
      const base64 = picture === undefined ? "" : joined(picture).replaceAll(/\s/gu, "")
      return base64 !== "" && base64.length <= MOST_PICTURE_CHARACTERS ? [{ type: "image" as const, data: base64, mimeType: "image/png" }] : []
    }),
  )
  return found.slice(0, MOST_PICTURES)
}
