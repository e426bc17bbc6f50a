/** What a cell shows, as text. */
import { isList, isObject, type Json, own } from "#base/json.ts"
import { type Cell, type Notebook, type Output, tagsOf } from "#notebook/index.ts"

/** Those with the id or the tag. */
export function cellsNamed(notebook: Notebook | undefined, ref: string): readonly Cell[] {
  return notebook?.cells.filter(({ id, ...cell }) => id === ref || tagsOf(cell as Cell).includes(ref)) ?? []
}

/** Everything it shows that is text, whatever its kind. */
export function textOf({ outputs = [] }: Cell): string {
  return outputs
    .flatMap((output) => [
      asText(own(output, "text")),
      ...bundleOf(output).flatMap(([mime, value]) => (mime.startsWith("text/") ? [asText(value)] : [])),
    ])
    .join("\n")
}

/** What it printed, and what its results look like as plain text: as somebody at a terminal reads it. */
export function plainTextOf({ outputs = [] }: Cell): string {
  return outputs
    .map((output) => {
      const plain = bundleOf(output).find(([mime]) => mime === "text/plain")
      return plain ? `${asText(plain[1]).trimEnd()}\n` : asText(own(output, "text"))
    })
    .join("")
    .trimEnd()
}

export function bundleOf(output: Output): readonly (readonly [string, Json])[] {
  const data = own(output, "data")
  return isObject(data) ? Object.entries(data) : []
}

/** A text of a notebook: one, or the lines of one. */
export function asText(value: Json | undefined): string {
  if (typeof value === "string") return value
  return isList(value) ? value.map(String).join("") : ""
}
