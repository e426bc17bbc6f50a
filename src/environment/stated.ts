/**
 * What a notebook says about the environment it needs. Three places, looked at in this order:
 *
 * - `metadata.stet.environment`: the name or digest of one that there is;
 * - `metadata.stet.requirements`: a list of requirements, or the text of a requirements file; with
 *   `metadata.stet.requiresPython` beside it;
 * - a `# /// script` block in a code cell (PEP 723, "Inline script metadata").
 */
import { isList, isObject, type Json, type JsonObject, own } from "#base/json.ts"
import { accepted, type Outcome } from "#base/outcome.ts"
import { readSpecifier, type Specifier } from "#environment/python-version.ts"
import { type EnvironmentRefusal, type Refused, refuse } from "#environment/refusal.ts"
import { inlineProblem, requirementLines } from "#environment/requirements.ts"
import { readToml, type Toml, type TomlTable } from "#environment/toml.ts"
import type { Cell, Notebook } from "#notebook/index.ts"

export type Stated =
  | { readonly is: "nothing" }
  | { readonly is: "named"; readonly name: string }
  | { readonly is: "listed"; readonly requirements: readonly string[]; readonly requiresPython: string; readonly specifier: Specifier }

const MOST = 500

export function stated(notebook: Pick<Notebook, "metadata" | "cells">): Outcome<Stated, EnvironmentRefusal> {
  const stet = own(notebook.metadata, "stet")
  const known: JsonObject = isObject(stet) ? stet : {}
  const name = own(known, "environment")
  if (name !== undefined && typeof name !== "string")
    return bad("metadata.stet.environment is not a text.", "Write the name or the digest of an environment there.")
  if (name) return accepted({ is: "named", name })

  const list = own(known, "requirements")
  const blocks = scriptBlocks(notebook.cells)
  if (list !== undefined && blocks.length > 0)
    return bad("The notebook lists its requirements twice: in metadata.stet.requirements and in a `# /// script` block.", "Keep one of the two.")
  if (list !== undefined) return fromMetadata(list, own(known, "requiresPython"))
  if (blocks.length > 1) return bad("The notebook has more than one `# /// script` block.", "Keep one.")
  return blocks[0] === undefined ? accepted({ is: "nothing" }) : fromBlock(blocks[0])
}

function fromMetadata(list: Json, requiresPython: Json | undefined): Outcome<Stated, EnvironmentRefusal> {
  const lines = typeof list === "string" ? requirementLines(list) : list
  if (!isList(lines) || !lines.every((line): line is string => typeof line === "string"))
    return bad("metadata.stet.requirements is neither a list of texts nor a text.", 'Write it like ["pandas>=2", "polars"].')
  if (requiresPython !== undefined && typeof requiresPython !== "string")
    return bad("metadata.stet.requiresPython is not a text.", 'Write it like ">=3.11".')
  return listed(lines, requiresPython ?? "")
}

/** The texts between `# /// script` and `# ///`. A block that is not closed is none, as PEP 723 has it. */
export function scriptBlocks(cells: readonly Pick<Cell, "cell_type" | "source">[]): readonly string[] {
  return cells
    .filter(({ cell_type }) => cell_type === "code")
    .flatMap(({ source }) => blocksIn(source.split(/\r\n|\r|\n/).map((line) => line.trimEnd())))
}

function blocksIn(lines: readonly string[]): readonly string[] {
  const blocks: string[] = []
  for (let at = 0; at < lines.length; at++) {
    if (lines[at] !== "# /// script") continue
    const start = at + 1
    let end = start
    let close = -1
    // The last closing line of the run of comments is the one that counts.
    for (; end < lines.length && /^#(?: |$)/.test(lines[end] ?? ""); end++) if (lines[end] === "# ///") close = end
    at = end
    if (close >= 0)
      blocks.push(
        lines
          .slice(start, close)
          .map((line) => line.replace(/^# ?/, ""))
          .join("\n"),
      )
  }
  return blocks
}

function fromBlock(text: string): Outcome<Stated, EnvironmentRefusal> {
  const read = readToml(text)
  if (!read.ok)
    return bad(
      `The \`# /// script\` block of the notebook is no TOML: in its line ${read.refusal.line} ${read.refusal.message}.`,
      "Correct the block.",
    )
  const dependencies = texts(read.value, "dependencies")
  if (!dependencies) return bad("`dependencies` in the `# /// script` block is not a list of texts.", 'Write it like dependencies = ["pandas>=2"].')
  const requiresPython = read.value.get("requires-python") ?? ""
  if (typeof requiresPython !== "string")
    return bad("`requires-python` in the `# /// script` block is not a text.", 'Write it like requires-python = ">=3.11".')
  return listed(dependencies, requiresPython)
}

function texts(table: TomlTable, key: string): readonly string[] | undefined {
  const value: Toml = table.get(key) ?? []
  return Array.isArray(value) && value.every((item) => typeof item === "string") ? (value as readonly string[]) : undefined
}

function listed(lines: readonly string[], requiresPython: string): Outcome<Stated, EnvironmentRefusal> {
  if (lines.length > MOST)
    return bad(`The notebook lists more than ${MOST} requirements.`, "Make an environment of them, and name it in the notebook.")
  const problem = lines.map((line) => inlineProblem(line.trim())).find((found) => found !== undefined)
  if (problem !== undefined) return bad(problem, "Correct it; what needs more is made with `stet env build` and named in metadata.stet.environment.")
  const specifier = readSpecifier(requiresPython)
  if (!specifier.ok) return bad(`The notebook's requires-python cannot be read: ${JSON.stringify(specifier.refusal)}.`, 'Write it like ">=3.11".')
  return accepted({ is: "listed", requirements: lines.map((line) => line.trim()), requiresPython, specifier: specifier.value })
}

function bad(message: string, remedy: string): Refused {
  return refuse("bad_requirements", message, remedy)
}
