/** Names that change what they mean, and cells that mean nothing to anybody. */
import { called, type Finding, finding, type Rule, type Subject, type SubjectCell } from "#notebook/analysis/findings.ts"
import type { CellNames, Definition, How } from "#notebook/analysis/names.ts"

const THINGS: { readonly [how in How]: string } = {
  import: "a module or an import",
  function: "a function",
  class: "a class",
  variable: "a value",
  update: "a value",
}

/** A module that becomes a value, a function that becomes another one, a builtin that is covered. */
export const redefined: Rule = (subject) => {
  const first = new Map<string, { readonly cell: SubjectCell; readonly definition: Definition }>()
  const said = new Set<string>()
  return subject.cells.flatMap((cell) =>
    definitionsOf(cell).flatMap((definition): Finding[] => {
      const { name } = definition
      const before = first.get(name)
      if (!before) first.set(name, { cell, definition })
      if (said.has(name) || name.startsWith("_")) return []
      const why = before ? changed(subject, before, { cell, definition }) : covered(subject, definition)
      if (why === undefined) return []
      said.add(name)
      return [finding("redefined", cell, { span: definition, why })]
    }),
  )
}

function definitionsOf({ names }: SubjectCell): readonly Definition[] {
  return names.events.filter((event): event is Definition => event.do === "define" && event.chance === "sure")
}

type Defined = { readonly cell: SubjectCell; readonly definition: Definition }

function changed(subject: Subject, before: Defined, now: Defined): string | undefined {
  const { name, how } = now.definition
  const was = before.definition.how
  if (before.cell.id === now.cell.id || how === "update") return undefined
  const where = called(subject, before.cell.id)
  if (was === "variable" || was === "update") return undefined
  if (how !== was) return `\`${name}\` is ${THINGS[was]} in ${where} and becomes ${THINGS[how]} here: what uses it above cannot be run again.`
  if (how === "import" || sourceOf(before) === sourceOf(now)) return undefined
  const isUsed = subject.flow.used.get(name)?.has(before.cell.id) ?? false
  return isUsed ? `\`${name}\` is ${THINGS[how]} that ${where} defines otherwise: what a cell gets depends on which of the two ran last.` : undefined
}

/** A function's text is its whole cell: near enough, since what is compared stands in two cells. */
function sourceOf({ cell }: Defined): string {
  return cell.cell.source.trim()
}

function covered(subject: Subject, { name, how }: Definition): string | undefined {
  if (
    !subject.isBuiltin(name) ||
    how === "import" ||
    /^(?:_+|In|Out|exit|quit|copyright|credits|license|help|id|input|vars|dir|hash|display|_i+|__\w+__|c|t|df|data)$/.test(name)
  )
    return undefined
  if (subject.language !== "python" || /[A-Z]/.test(name[0] ?? "")) return undefined
  return `\`${name}\` covers the builtin of that name for the rest of the notebook.`
}

/** It defines what nobody uses, does nothing else and shows nothing. */
export const deadCells: Rule = (subject) => {
  if (subject.flow.opened !== undefined || subject.cells.length < 2 || subject.cells.some(({ names }) => looksNamesUp(names, subject.language)))
    return []
  return subject.cells.flatMap((cell, at): Finding[] => {
    const why = dead(subject, cell, at === subject.cells.length - 1)
    if (why === undefined) return []
    return [finding("dead_cell", cell, { why, fix: { title: "Delete the cell", isSafe: false, edits: [{ kind: "delete_cell", cell: cell.id }] } })]
  })
}

/** Names that are put together are in no cell's source. */
const LOOKS_UP = { python: /^(?:globals|locals|eval|exec)$/, r: /^(?:get|mget|get0|exists|do\.call|match\.fun|eval)$/ }

function looksNamesUp(names: CellNames, language: Subject["language"]): boolean {
  const pattern = language === "r" ? LOOKS_UP.r : LOOKS_UP.python
  return names.calls.some(({ callee, args }) => pattern.test(callee) || (callee === "vars" && args.length === 0))
}

/** Comments that are meant to stand there: what one may do with the notebook, and where its reader is to write. */
const MEANT = /\blicen[cs]ed? under\b|\bcopyright\b|\byour (?:code|answer|solution)\b/i

function dead(subject: Subject, { id, names, cell }: SubjectCell, isLast: boolean): string | undefined {
  const outputs = Array.isArray(cell.outputs) ? cell.outputs.length : 0
  if (names.isEmpty) return outputs === 0 && cell.source.trim() !== "" && !MEANT.test(cell.source) ? "It holds nothing but comments." : undefined
  if (!names.isPlain || names.magics.length > 0 || names.branches > 0 || outputs > 0 || isLast) return undefined
  const defined = names.events.flatMap((event) => (event.do === "define" ? [event.name] : []))
  if (defined.length === 0 || names.events.some((event) => event.do === "modify" || event.do === "delete")) return undefined
  if (defined.some((name) => subject.flow.used.get(name)?.has(id) || name.startsWith("_"))) return undefined
  return defined.length === 1
    ? `It defines \`${defined[0]}\`, which nothing uses.`
    : `Nothing uses what it defines: ${defined
        .slice(0, 4)
        .map((name) => `\`${name}\``)
        .join(", ")}${defined.length > 4 ? " …" : ""}.`
}
