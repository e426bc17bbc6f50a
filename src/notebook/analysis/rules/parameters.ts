/** Where a notebook takes what is different from run to run. */
import { type Finding, finding, type Rule, type SubjectCell } from "#notebook/analysis/findings.ts"
import { tagsOf } from "#notebook/document.ts"

const SETS_UP = /^(?:run|matplotlib|load_ext|autoreload|config)$/

export const parametersCell: Rule = (subject) => {
  const { cells } = subject
  const at = cells.findIndex(({ cell }) => tagsOf(cell).includes("parameters"))
  if (at >= 0) return late(cells, at)
  const candidate = cells.slice(0, 8).find(isAllLiteral)
  const [first] = cells
  if (!first) return []
  if (!candidate) {
    return [finding("no_parameters", { ...first, id: "" }, { why: "No cell is tagged `parameters`, so nothing can be set from outside." })]
  }
  const title = `Make cell ${candidate.number} the parameters cell`
  const fix = { title, isSafe: false, edits: [{ kind: "tag_cell", cell: candidate.id, tag: "parameters" }] } as const
  return [finding("no_parameters", candidate, { why: "No cell is tagged `parameters`; this one assigns what looks like them.", fix })]
}

/**
 * It gives each of its names one value that is written out, and does nothing else; imports and what sets a notebook up may stand above them. A text of several lines is
 * an example or a prompt, and no value that anybody sets from outside.
 */
function isAllLiteral({ names }: SubjectCell): boolean {
  const given = names.events.flatMap((event) => (event.do === "define" && event.how !== "import" ? [event] : []))
  return (
    given.length > 0 &&
    names.calls.length === 0 &&
    names.magics.every(({ name }) => SETS_UP.test(name)) &&
    names.events.every(
      (event) => event.do === "open" || (event.do === "use" ? event.soft : event.do === "define" && (event.literal || event.how === "import")),
    ) &&
    new Set(given.map(({ name }) => name)).size === given.length &&
    given.some(({ name }) => !names.texts.some(({ holder, value }) => holder === name && value.includes("\n")))
  )
}

/** Imports and definitions may come before; what computes may not. */
function late(cells: readonly SubjectCell[], at: number): readonly Finding[] {
  const cell = cells[at]
  const before = cells
    .slice(0, at)
    .find(({ names }) => !names.isPlain && names.magics.length === 0 && names.calls.some(({ inFunction }) => !inFunction))
  if (!cell || !before) return []
  const fix = {
    title: `Move cell ${cell.number} above cell ${before.number}`,
    isSafe: false,
    edits: [{ kind: "move_cell", cell: cell.id, before: before.id }],
  } as const
  return [finding("late_parameters", cell, { why: `Cell ${before.number} runs before the parameters are set, so it cannot depend on them.`, fix })]
}
