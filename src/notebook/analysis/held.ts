/** The texts that a name holds, where it is given nothing else in the whole notebook. */
import type { SubjectCell } from "#notebook/analysis/findings.ts"
import type { CellNames, Definition } from "#notebook/analysis/names.ts"

/** undefined: it is given something that is no text written out, or nothing at all. */
export function textsHeldBy(cells: readonly SubjectCell[], name: string): readonly string[] | undefined {
  const values = cells.flatMap(({ names }) =>
    names.events.flatMap((event) => (event.do === "define" && event.name === name ? [textGiven(names, event)] : [])),
  )
  return values.length === 0 || values.includes(undefined) ? undefined : values.filter((value) => value !== undefined)
}

/** Where the place of a value is not told (R), the text that has the name for its holder. */
function textGiven({ texts }: CellNames, { name, value, literal, to }: Definition): string | undefined {
  if (value) return texts.find((text) => text.from === value.from && text.to === value.to)?.value
  return literal ? texts.find((text) => text.holder === name && text.from >= to)?.value : undefined
}
