/** `stet validate`: every way in which a file is not a valid notebook. */
import { parse, write } from "#base/json.ts"
import type { Action } from "#cli/action.ts"
import { type Command, isOn, type Parsed } from "#cli/arguments.ts"
import { eachNotebook } from "#cli/each-notebook.ts"
import { complain, type Edge, EXIT } from "#cli/edge.ts"
import { validate } from "#notebook/index.ts"
import type { Storage } from "#run/index.ts"

const COMMAND: Command = {
  name: "stet validate",
  summary: "Check notebooks against the format, with the place of each problem",
  description: ["Prints every problem with its JSON path. Exit code 0 when all are valid, 1 when one is not, 2 when one is no JSON."],
  positionals: [{ name: "NOTEBOOK", repeat: true, help: "Paths, -, http(s):// or s3:// addresses." }],
  flags: [{ name: "--json", takes: [], help: "One JSON object a notebook." }],
}

export const VALIDATE: Action = { command: COMMAND, act }

async function act(parsed: Parsed, edge: Edge): Promise<number> {
  const storage = await edge.storage({ allowPrivateAddresses: false })
  return eachNotebook(edge, parsed.positionals, (path) => check(path, { parsed, edge, storage }))
}

type Checking = { readonly parsed: Parsed; readonly edge: Edge; readonly storage: Storage }

/** Gives the exit code for this one. @throws Fault storage_unreadable */
async function check(path: string, { parsed, edge, storage }: Checking): Promise<number> {
  const value = parse(await storage.read(path))
  if (!value.ok) {
    complain(edge, `${path} is not valid JSON: ${value.refusal.message}.`)
    return EXIT.bad
  }
  const problems = validate(value.value)
  if (isOn(parsed, "--json"))
    edge.out.write(`${write({ notebook: path, valid: problems.length === 0, problems: problems.map((problem) => ({ ...problem })) })}\n`)
  else
    edge.out.write(
      problems.length === 0
        ? `${path}: valid\n`
        : `${path}: ${problems.length} ${problems.length === 1 ? "problem" : "problems"}\n${problems.map(({ path: where, message }) => `  ${where || "(the whole)"}: ${message}\n`).join("")}`,
    )
  return problems.length > 0 ? EXIT.failed : EXIT.succeeded
}
