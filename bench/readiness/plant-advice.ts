/**
 * Three pieces of advice for which there are hardly any real cases: outputs of more than a million characters, parameters behind code
 * that runs, and secrets. They are planted into notebooks where it is known from something else than the rule whether they hold.
 */
import { type Cell, isCode, type Notebook, tagsOf } from "#notebook/index.ts"

/** `cell`: the id of the one of which the rule holds or does not. */
export type PlantedAdvice = {
  readonly rule: string
  readonly holds: boolean
  readonly what: string
  readonly notebook: Notebook
  readonly cell: string
}

const PARAMETERS: Cell = {
  id: "planted",
  cell_type: "code",
  metadata: { tags: ["parameters"] },
  source: 'region = "EU"\ncount = 3',
  outputs: [],
  execution_count: null,
}

export function plantedAdvice(notebook: Notebook): readonly PlantedAdvice[] {
  return [...outputsPlanted(notebook), ...parametersPlanted(notebook), ...secretsPlanted(notebook)]
}

/** Put together here, so that nobody who looks for secrets in this repository finds one. */
const SECRETS: readonly { readonly what: string; readonly holds: boolean; readonly source: string }[] = [
  { what: "a key of AWS", holds: true, source: `aws_key = "${["AKIA", "Q7M2XW4K5ZP3LT6N"].join("")}"` },
  { what: "a token in a call", holds: true, source: `client = connect(token="${["hf_", "abCDefGHijKLmnOPqrSTuvWXyzABcdEFgh"].join("")}")` },
  {
    what: "a password in an address",
    holds: true,
    source: `engine = create_engine("postgresql://ana:${["kT9vL2", "mQ8xW4"].join("")}@db.example.org/sales")`,
  },
  { what: "a password", holds: true, source: `password = "${["kT9!vL2m", "Q8xW4#rZ"].join("")}"` },
  { what: "a variable of the environment", holds: false, source: 'import os\npassword = os.environ["DB_PASSWORD"]' },
  { what: "a place for one's own", holds: false, source: 'api_key = "YOUR_API_KEY_HERE"' },
  { what: "the example key of AWS's documentation", holds: false, source: 'aws_key = "AKIAIOSFODNN7EXAMPLE"' },
  { what: "a digest", holds: false, source: `sha256 = "${"9f86d081884c7d65".repeat(4)}"` },
]

function secretsPlanted({ cells, ...notebook }: Notebook): readonly PlantedAdvice[] {
  return SECRETS.map(({ what, holds, source }) => ({
    rule: "secret",
    holds,
    what,
    cell: PARAMETERS.id,
    notebook: { ...notebook, cells: [...cells, { ...PARAMETERS, metadata: {}, source }] } as Notebook,
  }))
}

function outputsPlanted({ cells, ...notebook }: Notebook): readonly PlantedAdvice[] {
  const at = cells.findIndex((cell) => isCode(cell) && cell.source.trim() !== "" && !tagsOf(cell).includes("skip-execution"))
  const cell = cells[at]
  if (!cell) return []
  const kinds = [
    { what: "1.2 MB printed", holds: true, output: { output_type: "stream", name: "stdout", text: `${"x".repeat(99)}\n`.repeat(12_000) } },
    { what: "0.8 MB printed", holds: false, output: { output_type: "stream", name: "stdout", text: `${"x".repeat(99)}\n`.repeat(8_000) } },
    { what: "a picture of 1.5 MB", holds: true, output: shown("image/png", "A".repeat(1_500_000)) },
    { what: "a picture of 0.3 MB", holds: false, output: shown("image/png", "A".repeat(300_000)) },
    { what: "a table of 2 MB", holds: true, output: shown("text/html", "<td>1</td>".repeat(200_000)) },
  ]
  return kinds.map(({ what, holds, output }) => ({
    rule: "large_output",
    holds,
    what,
    cell: cell.id,
    notebook: { ...notebook, cells: cells.with(at, { ...cell, outputs: [output] } as Cell) } as Notebook,
  }))
}

function shown(kind: string, data: string): object {
  return { output_type: "display_data", metadata: {}, data: { [kind]: data } }
}

/** What has shown a result has run something; what is nothing but imports has computed nothing. */
function parametersPlanted(notebook: Notebook): readonly PlantedAdvice[] {
  const bare = notebook.cells.map((cell) => (tagsOf(cell).includes("parameters") ? { ...cell, metadata: {} } : cell)) as readonly Cell[]
  const at = (index: number, holds: boolean, what: string): PlantedAdvice => ({
    rule: "late_parameters",
    holds,
    what,
    cell: PARAMETERS.id,
    notebook: { ...notebook, cells: [...bare.slice(0, index), PARAMETERS, ...bare.slice(index)] } as Notebook,
  })
  const computed = bare.findIndex((cell) => isCode(cell) && callsAndShows(cell))
  const imports = bare.findIndex((cell) => isCode(cell) && cell.source.trim() !== "")
  return [
    at(0, false, "parameters at the top"),
    ...(bare[imports] && isImports(bare[imports]) ? [at(imports + 1, false, "parameters behind imports")] : []),
    ...(computed < 0 ? [] : [at(computed + 1, true, "parameters behind a result"), at(bare.length, true, "parameters at the end")]),
  ]
}

function callsAndShows({ source, outputs }: Cell): boolean {
  return (outputs ?? []).some(({ output_type: is }) => is === "execute_result" || is === "stream") && /^(?:print|[\w.]+)\(.*\)\s*$/m.test(source)
}

function isImports({ source }: Cell): boolean {
  return source.split("\n").every((line) => /^\s*(?:#.*)?$|^(?:import \S+(?: as \w+)?|from \S+ import [\w, ]+(?: as \w+)?)\s*$/.test(line))
}
