/**
 * The rules of nbformat 4.0 to 4.5 and how a later minor relaxes them, from the format's published schemas.
 *
 * All problems are told, each with its path. Format 3 has rules of its own (validate-old.ts); format 2 never had any.
 */
import { isList, isObject, type Json, type JsonObject, NumberLexeme } from "#base/json.ts"
import { isCellId } from "#notebook/ids.ts"
import {
  anything,
  byType,
  type Check,
  flag,
  kind,
  lines,
  list,
  listOf,
  object,
  oneOf,
  orNull,
  type Problem,
  problem,
  type Shape,
  shaped,
  tags,
  text,
  textMatching,
  wholeNumber,
} from "#notebook/rules.ts"
import { validateOld } from "#notebook/validate-old.ts"

export type { Problem }

/** Every way in which a document, as it stands in a file, breaks the rules of the format it says it is in; none when it is valid. */
export function validate(value: Json): readonly Problem[] {
  if (!isObject(value)) return problem("", `is ${kind(value)}, but a notebook is an object`)
  const major = value["nbformat"]
  if (major === undefined) return problem("nbformat", "is missing")
  if (major === 2 || major === 3) return validateOld(value, major)
  if (major !== 4) return problem("nbformat", `is ${kind(major)}, and the known formats are 2, 3 and 4`)
  return validate4(value)
}

const NEWEST = 5

function validate4(notebook: JsonObject): readonly Problem[] {
  const minor = minorOf(notebook["nbformat_minor"])
  const rules: Rules = { minor: Math.min(minor, NEWEST), future: minor > NEWEST }
  return [...notebookCheck(rules)(notebook, ""), ...(minor >= 5 ? repeatedIds(notebook["cells"]) : [])]
}

function minorOf(minor: Json | undefined): number {
  const number = minor instanceof NumberLexeme ? minor.valueOf() : minor
  return typeof number === "number" && Number.isInteger(number) && number >= 0 ? number : 0
}

function repeatedIds(cells: Json | undefined): readonly Problem[] {
  const seen = new Map<string, number>()
  return (isList(cells) ? cells : []).flatMap((cell, i) => {
    const id = isObject(cell) ? cell["id"] : undefined
    if (typeof id !== "string") return []
    const before = seen.get(id)
    if (before === undefined) seen.set(id, i)
    return before === undefined ? [] : problem(`cells[${i}].id`, `is ${kind(id)}, which cells[${before}] has already`)
  })
}

/** Which rules hold: those of a minor, and whether it is one from the future, where unknown keys and types are allowed. */
type Rules = { readonly minor: number; readonly future: boolean }

function notebookCheck(rules: Rules): Check {
  return strict(rules, {
    needs: ["metadata", "nbformat_minor", "nbformat", "cells"],
    members: {
      metadata: shaped({ members: notebookMetadata(rules) }),
      nbformat_minor: wholeNumber(rules.minor),
      nbformat: wholeNumber(4, 4),
      cells: listOf(cellCheck(rules)),
    },
  })
}

function notebookMetadata({ minor }: Rules): Readonly<Record<string, Check>> {
  const spelled = { file_extension: text, mimetype: text, pygments_lexer: text }
  return {
    kernelspec: shaped({ needs: ["name", "display_name"], members: { name: text, display_name: text } }),
    language_info: shaped({ needs: ["name"], members: { name: text, codemirror_mode: textOrObject, ...spelled } }),
    orig_nbformat: wholeNumber(1),
    ...(minor >= 2 ? { title: text, authors: list } : {}),
  }
}

const textOrObject: Check = (value, path) =>
  typeof value === "string" || isObject(value) ? [] : problem(path, `is ${kind(value)}, but must be a text or an object`)

/** A shape with no keys beyond the named ones, unless the document is from a future minor. */
function strict({ future }: Rules, shape: Shape): Check {
  return shaped({ ...shape, others: () => (future ? anything : undefined) })
}

function cellCheck(rules: Rules): Check {
  const kinds: Readonly<Record<string, Check>> = {
    raw: strict(rules, { needs: cellNeeds(rules), members: { ...cellMembers(rules, { format: text }), attachments: attachments(rules) } }),
    markdown: strict(rules, { needs: cellNeeds(rules), members: { ...cellMembers(rules, {}), attachments: attachments(rules) } }),
    code: strict(rules, {
      needs: [...cellNeeds(rules), "outputs", "execution_count"],
      members: { ...cellMembers(rules, codeMetadata(rules)), outputs: listOf(outputCheck(rules)), execution_count: orNull(wholeNumber(0)) },
    }),
  }
  const unknown = shaped({ needs: ["metadata"], members: { metadata: shaped({ members: namedAndTagged }) } })
  return byType("cell_type", kinds, rules.future ? unknown : undefined)
}

function cellNeeds({ minor }: Rules): readonly string[] {
  return minor >= 5 ? ["id", "metadata", "source"] : ["metadata", "source"]
}

const namedAndTagged = { name: textMatching(/^[^\n]+$/, "one line that is not empty"), tags }

function cellMembers({ minor }: Rules, metadata: Readonly<Record<string, Check>>): Readonly<Record<string, Check>> {
  const official = { ...namedAndTagged, ...(minor >= 3 ? { jupyter: object } : {}), ...metadata }
  return { cell_type: text, metadata: shaped({ members: official }), source: lines, ...(minor >= 5 ? { id: cellId } : {}) }
}

const cellId: Check = (value, path) => {
  if (typeof value !== "string") return text(value, path)
  return isCellId(value) ? [] : problem(path, `is ${kind(value)}, but must be 1 to 64 letters, digits, hyphens or underscores`)
}

function codeMetadata({ minor }: Rules): Readonly<Record<string, Check>> {
  const timings = shaped({ others: () => text })
  return { collapsed: flag, scrolled: oneOf(true, false, "auto"), ...(minor >= 4 ? { execution: timings } : {}) }
}

function attachments(rules: Rules): Check {
  return shaped({ others: () => bundle(rules) })
}

function bundle({ future }: Rules): Check {
  return shaped({ others: (mime) => (future || /^application\/(.*\+)?json$/.test(mime) ? anything : lines) })
}

function outputCheck(rules: Rules): Check {
  const display = { output_type: text, data: bundle(rules), metadata: object }
  const kinds: Readonly<Record<string, Check>> = {
    execute_result: strict(rules, {
      needs: ["data", "metadata", "execution_count"],
      members: { ...display, execution_count: orNull(wholeNumber(0)) },
    }),
    display_data: strict(rules, { needs: ["data", "metadata"], members: display }),
    stream: strict(rules, { needs: ["name", "text"], members: { output_type: text, name: text, text: lines } }),
    error: strict(rules, {
      needs: ["ename", "evalue", "traceback"],
      members: { output_type: text, ename: text, evalue: text, traceback: listOf(text) },
    }),
  }
  return byType("output_type", kinds, rules.future ? anything : undefined)
}
