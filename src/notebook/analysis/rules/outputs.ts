/** Stored outputs: what they say of the last run, and whether they can come from the source above them. */
import { isObject, type Json } from "#base/json.ts"
import { type Finding, finding, type Rule, type Subject, type SubjectCell } from "#notebook/analysis/findings.ts"
import type { Output } from "#notebook/document.ts"

export const storedErrors: Rule = ({ cells, language }) =>
  cells.flatMap((cell): Finding[] => {
    const error = outputsOf(cell).find(({ output_type }) => output_type === "error")
    // Somebody pressed stop: that says nothing of the source. Errors of another source say nothing either.
    if (!error || cell.mayRaise || error["ename"] === "KeyboardInterrupt" || foreignTo(cell, language) !== undefined) return []
    const said = [error["ename"], error["evalue"]].filter((part) => typeof part === "string" && part !== "").join(": ")
    return [
      finding("stored_error", cell, {
        kind: "breaks",
        why: `When it was last run it ended in ${short(said)}; tag it \`raises-exception\` if it is meant to.`,
        fix: { title: "Tag it raises-exception", isSafe: false, edits: [{ kind: "tag_cell", cell: cell.id, tag: "raises-exception" }] },
      }),
    ]
  })

export const foreignOutputs: Rule = ({ cells, language }) =>
  language !== "python" && language !== "r"
    ? []
    : cells.flatMap((cell): Finding[] => {
        const why = foreignTo(cell, language)
        if (why === undefined) return []
        return [
          finding("foreign_output", cell, {
            why,
            fix: { title: "Clear its outputs", isSafe: false, edits: [{ kind: "clear_outputs", cell: cell.id }] },
          }),
        ]
      })

function foreignTo(cell: SubjectCell, language: Subject["language"]): string | undefined {
  const outputs = outputsOf(cell)
  if (outputs.length === 0) return undefined
  if (cell.names.isEmpty) return "It shows outputs and has no code."
  const result = outputs.find(({ output_type }) => output_type === "execute_result")
  const count = cell.cell.execution_count
  if (result && typeof count === "number" && typeof result["execution_count"] === "number" && result["execution_count"] !== count) {
    return `Its output is of execution ${result["execution_count"]}, the cell says ${count}.`
  }
  if (result && !cell.names.showsValue) return "It shows a value, and no statement of it has one to show."
  if (isSilent(cell, language) && cell.names.imports.length === 0 && outputs.some(({ output_type }) => output_type !== "error")) {
    return "It shows an output, and nothing in it can make one."
  }
  return otherTraceback(cell, outputs)
}

/** In R even arithmetic may warn, and a name may stand for a promise. */
function isSilent({ names }: SubjectCell, language: Subject["language"]): boolean {
  return names.isPlain && (language !== "r" || names.events.every((event) => event.do === "define" && (event.literal || event.how === "function")))
}

/** A traceback quotes the line that raised: `----> 3 total / count`. */
function otherTraceback({ cell, names }: SubjectCell, outputs: readonly Output[]): string | undefined {
  const error = outputs.find(({ output_type }) => output_type === "error")
  const traceback = error?.["traceback"]
  if (!Array.isArray(traceback) || names.magics.length > 0) return undefined
  const text = traceback.filter((line: Json) => typeof line === "string").join("\n")
  const plain = text.replace(/\u001b\[[0-9;]*m/g, "")
  const quoted = /(?:<ipython-input-[^>]*>|(?:Cell )?In ?\[\d+\]|\/ipykernel_\d+\/\d+\.py)[^\n]*\n(?:[^\n]*\n)*?-+> (\d+) ([^\n]*)/.exec(plain)
  if (!quoted) return undefined
  const [, number = "", line = ""] = quoted
  const own = cell.source.split("\n")[Number(number) - 1] ?? ""
  // A formatter changes nothing of what is run.
  return bare(own) === bare(line) || line.trim() === ""
    ? undefined
    : `Its error quotes line ${number} as \`${short(line.trim())}\`, which is not what stands there.`
}

function bare(line: string): string {
  return line.replace(/\s+/g, "").replaceAll('"', "'")
}

const LARGE = 1_000_000

export const largeOutputs: Rule = ({ cells, circumstances: { largeOutput = LARGE } }) =>
  cells.flatMap((cell): Finding[] => {
    const size = outputsOf(cell).reduce((sum, output) => sum + sizeOf(output), 0)
    if (size <= largeOutput) return []
    const megabytes = (size / 1_000_000).toFixed(1)
    return [
      finding("large_output", cell, {
        why: `Its outputs take ${megabytes} MB; print less, or write to a file.`,
        fix: { title: "Clear its outputs", isSafe: false, edits: [{ kind: "clear_outputs", cell: cell.id }] },
      }),
    ]
  })

/** Characters, without writing it all out. */
function sizeOf(value: Json | undefined): number {
  if (typeof value === "string") return value.length
  if (Array.isArray(value)) return value.reduce((sum: number, each) => sum + sizeOf(each), 0)
  return isObject(value) ? Object.values(value).reduce((sum: number, each) => sum + sizeOf(each), 0) : 0
}

function outputsOf({ cell }: SubjectCell): readonly Output[] {
  return cell.outputs ?? []
}

function short(text: string): string {
  const [line = ""] = text.split("\n")
  return line.length > 80 ? `${line.slice(0, 77)}…` : line
}
