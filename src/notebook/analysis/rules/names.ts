/** Names that are not there when they are used: the commonest reason why a notebook that ran does not run again. */
import {
  called,
  cellOf,
  type Finding,
  type Fix,
  finding,
  type Rule,
  type RuleName,
  type Subject,
  type SubjectCell,
} from "#notebook/analysis/findings.ts"
import type { Missing, Undefined } from "#notebook/analysis/flow.ts"
import { firstPlaceFor } from "#notebook/analysis/place.ts"
import { PYTHON_2 } from "#notebook/analysis/python-builtins.ts"
import { importFor } from "#notebook/analysis/rules/known-imports.ts"

const RULE_OF: { readonly [missing in Missing]: RuleName } = {
  nowhere: "undefined_name",
  later: "used_before_defined",
  deleted: "used_after_deleted",
  value: "calls_a_value",
  asks: "asks_for_input",
}

/** One finding a name and cell, the first one. */
export const missingNames: Rule = (subject) => {
  const seen = new Set<string>()
  return subject.flow.undefined.flatMap((one): Finding[] => {
    const key = `${one.cell} ${one.use.name} ${one.chance === "unlikely"}`
    const cell = cellOf(subject, one.cell)
    if (!cell || seen.has(key) || cellOf(subject, one.raisesIn)?.mayRaise) return []
    seen.add(key)
    return one.chance === "unlikely" ? perhaps(subject, cell, one) : [breaking(subject, cell, one)]
  })
}

function breaking(subject: Subject, cell: SubjectCell, one: Undefined): Finding {
  return finding(RULE_OF[one.missing], cell, {
    kind: "breaks",
    span: one.use,
    why: `${sentence(subject, one)}${through(subject, one)}`,
    stopsAt: one.raisesIn,
    fix: fixFor(subject, cell, one),
  })
}

function sentence(subject: Subject, { use, missing, other, cell }: Undefined): string {
  const name = `\`${use.name}\``
  switch (missing) {
    case "nowhere":
      return nowhere(subject, use.name)
    case "later":
      return other === cell
        ? `${name} is used here before this cell defines it`
        : `${name} is defined only in ${called(subject, other)}, further down`
    case "deleted":
      return other === cell ? `${name} has been deleted in this cell before` : `${name} has been deleted in ${called(subject, other)}`
    case "value":
      return `${name} is called here, but ${called(subject, other)} makes it a plain value`
    case "asks":
      return `\`${use.name}()\` waits for somebody to type, and in a run nobody is there`
  }
}

function nowhere({ language }: Subject, name: string): string {
  const now = language === "python" ? PYTHON_2.get(name) : undefined
  if (now) return `\`${name}\` is Python 2; Python 3 has \`${now}\``
  if (name === "__file__") return "A notebook has no `__file__`"
  return `No cell defines \`${name}\``
}

function through(subject: Subject, { through: way, raisesIn, cell }: Undefined): string {
  if (way === "") return "."
  return raisesIn === cell
    ? `; the call of \`${way}\` in this cell gets there.`
    : `; the call of \`${way}\` in ${called(subject, raisesIn)} gets there.`
}

/** Only what no cell defines: everything else may be there by the time that it runs. */
function perhaps(subject: Subject, cell: SubjectCell, one: Undefined): Finding[] {
  if (one.missing !== "nowhere") return []
  return [
    finding("perhaps_undefined", cell, {
      span: one.use,
      why: `${nowhere(subject, one.use.name)}; whatever runs this fails.`,
      fix: fixFor(subject, cell, one),
    }),
  ]
}

function fixFor(subject: Subject, cell: SubjectCell, one: Undefined): Fix | undefined {
  if (one.missing === "nowhere") return replacement(subject, cell, one) ?? addedImport(subject, one)
  if (one.missing === "later" && one.other !== one.raisesIn) return movedUp(subject, one)
  return undefined
}

function replacement({ language }: Subject, cell: SubjectCell, { use }: Undefined): Fix | undefined {
  const now = language === "python" ? PYTHON_2.get(use.name) : undefined
  if (!now || now.includes(".") || use.name === "file") return undefined
  return { title: `Write \`${now}\``, isSafe: true, edits: [{ kind: "replace", cell: cell.id, from: use.from, to: use.to, text: now }] }
}

function addedImport(subject: Subject, { use }: Undefined): Fix | undefined {
  const line = subject.language === "python" ? importFor(use.name) : undefined
  if (line === undefined) return undefined
  const module = /^(?:from|import)\s+(\w+)/.exec(line)?.[1] ?? ""
  const isThere = subject.circumstances.modules?.has(module) ?? true
  const place = firstPlaceFor(subject)
  return {
    title: `Add \`${line}\``,
    isSafe: isThere,
    edits:
      place === undefined
        ? [{ kind: "insert_cell", id: `import-${use.name}`, before: subject.cells[0]?.id ?? "", source: line, tags: [] }]
        : [{ kind: "replace", cell: place.cell, from: place.at, to: place.at, text: `${line}\n` }],
  }
}

/** Whether that mends more than it breaks is looked at afterwards, with the cell moved. */
function movedUp(subject: Subject, { other, raisesIn }: Undefined): Fix {
  return {
    title: `Move ${called(subject, other)} above ${called(subject, raisesIn)}`,
    isSafe: true,
    edits: [{ kind: "move_cell", cell: other, before: raisesIn }],
  }
}
