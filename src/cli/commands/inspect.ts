/** `stet inspect`: what a notebook can be given. */
import { write } from "#base/json.ts"
import type { Action } from "#cli/action.ts"
import { type Command, isOn, type Parsed } from "#cli/arguments.ts"
import { complain, type Edge, EXIT } from "#cli/edge.ts"
import { declaredIn, readNotebook } from "#cli/prepare.ts"
import { say } from "#cli/say.ts"
import { table } from "#cli/table.ts"
import { type Declared, describeType, type Notebook, type Parameter, tagsOf } from "#notebook/index.ts"

const COMMAND: Command = {
  name: "stet inspect",
  summary: "Show the parameters that a notebook declares",
  description: [
    "Reads the cells tagged `parameters` and shows name, type, default and help of each. With --json their JSON Schema (draft 2020-12). Nothing is executed.",
  ],
  positionals: [{ name: "NOTEBOOK", help: "A path, -, http(s):// or s3:// address." }],
  flags: [
    { name: "--json", takes: [], help: "The JSON Schema of the parameters." },
    { name: "--cells", takes: [], help: "List the cells with their ids and tags instead, as --cells of stet run takes them." },
    { name: "--allow-private-addresses", takes: [], help: "Let http(s) addresses lead into this machine or the local network." },
  ],
}

export const INSPECT: Action = { command: COMMAND, act }

async function act(parsed: Parsed, edge: Edge): Promise<number> {
  const storage = await edge.storage({ allowPrivateAddresses: isOn(parsed, "--allow-private-addresses") ?? false })
  const notebook = await readNotebook(storage, parsed.positionals[0]!)
  if (!notebook.ok) return say(edge, notebook.refusal)
  if (isOn(parsed, "--cells")) {
    edge.out.write(`${cellTable(notebook.value)}\n`)
    return EXIT.succeeded
  }
  const declared = await declaredIn(edge, notebook.value)
  edge.out.write(isOn(parsed, "--json") ? `${write(declared.schema, 2)}\n` : `${parameterTable(declared)}\n`)
  for (const problem of declared.problems) complain(edge, `Cell ${problem.cellId}, line ${problem.line}: ${problem.message}`)
  if (declared.unread === "") return EXIT.succeeded
  complain(edge, declared.unread)
  return EXIT.bad
}

function parameterTable(declared: Declared): string {
  if (declared.parameters.length === 0) {
    return declared.cells === 0
      ? "No parameters: no cell is tagged `parameters`. Tag one whose assignments are to be set from outside."
      : "The cell tagged `parameters` declares none."
  }
  return table([["NAME", "TYPE", "DEFAULT", "HELP"], ...declared.parameters.map(row)])
}

function row(parameter: Parameter): readonly string[] {
  const fallback = parameter.required ? "(required)" : parameter.secret ? "(secret)" : oneLine(parameter.defaultText)
  return [parameter.name, parameter.secret ? `${describeType(parameter.type)}, secret` : describeType(parameter.type), fallback, parameter.help]
}

function oneLine(text: string): string {
  const LONGEST = 40
  const flat = text.replace(/\s+/g, " ")
  return flat.length > LONGEST ? `${flat.slice(0, LONGEST - 1)}…` : flat
}

function cellTable(notebook: Notebook): string {
  const rows = notebook.cells.map((cell, index) => [String(index + 1), cell.id, cell.cell_type, tagsOf(cell).join(" "), oneLine(cell.source)])
  return rows.length === 0 ? "The notebook has no cells." : table([["CELL", "ID", "TYPE", "TAGS", "SOURCE"], ...rows])
}
