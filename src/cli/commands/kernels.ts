/** `stet kernels`: which kernels can run a notebook here. */
import { write } from "#base/json.ts"
import type { Action } from "#cli/action.ts"
import { type Command, isOn, type Parsed } from "#cli/arguments.ts"
import { type Edge, EXIT } from "#cli/edge.ts"
import { table } from "#cli/table.ts"

const COMMAND: Command = {
  name: "stet kernels",
  summary: "List the kernels that can be used",
  positionals: [],
  flags: [
    { name: "--json", takes: [], help: "As JSON." },
    { name: "--names", takes: [], help: "Only the names, one a line." },
  ],
}

export const KERNELS: Action = { command: COMMAND, act }

async function act(parsed: Parsed, edge: Edge): Promise<number> {
  const kernels = await edge.kernels()
  const specs = await kernels.list()
  await kernels.close()
  if (isOn(parsed, "--names")) edge.out.write(specs.map((spec) => `${spec.name}\n`).join(""))
  else if (isOn(parsed, "--json")) {
    edge.out.write(
      `${write(specs.map(({ name, displayName, language, argv, resourceDir }) => ({ name, display_name: displayName, language, argv, resource_dir: resourceDir })))}\n`,
    )
  } else if (specs.length === 0) {
    edge.out.write(
      "No kernel is installed. `npm start` in Stet's directory prepares one for Python; any Jupyter kernel is found where Jupyter looks for it.\n",
    )
  } else
    edge.out.write(
      `${table([["NAME", "LANGUAGE", "TITLE", "WHERE"], ...specs.map((spec) => [spec.name, spec.language, spec.displayName, spec.resourceDir || "(built in)"])])}\n`,
    )
  return EXIT.succeeded
}
