/** `stet html`: a notebook or result as one read-only page. */

import type { Action } from "#cli/action.ts"
import { type Command, lastValueOf, type Parsed } from "#cli/arguments.ts"
import { type Edge, EXIT } from "#cli/edge.ts"
import { readNotebook } from "#cli/prepare.ts"
import { say } from "#cli/say.ts"
import { page } from "#page/index.ts"
import { locate, withoutSecrets } from "#run/index.ts"

const COMMAND: Command = {
  name: "stet html",
  summary: "Write a notebook or result as one self-contained page",
  description: [
    "The page is read-only, makes no network request, and keeps active outputs (scripts, widgets, SVG) in sandboxed frames of an opaque origin.",
  ],
  positionals: [{ name: "NOTEBOOK", help: "A path, -, http(s):// or s3:// address." }],
  flags: [
    { name: "--output", short: "-o", takes: ["PATH"], help: "Where the page goes; default <name>.html beside the notebook, - is standard output." },
    { name: "--title", takes: ["TEXT"], help: "Title of the page; default the notebook's name." },
  ],
}

export const HTML: Action = { command: COMMAND, act }

async function act(parsed: Parsed, edge: Edge): Promise<number> {
  const storage = await edge.storage({ allowPrivateAddresses: false })
  const input = parsed.positionals[0]!
  const notebook = await readNotebook(storage, input)
  if (!notebook.ok) return say(edge, notebook.refusal)
  const output = lastValueOf(parsed, "--output") ?? pagePathOf(input)
  const title = lastValueOf(parsed, "--title")
  const source = withoutSecrets(input)
  const text = page(notebook.value, { ...(title === undefined ? {} : { title }), ...(input === "-" ? {} : { source }) })
  await storage.write(output, new TextEncoder().encode(text))
  if (output !== "-") edge.err.write(`${output}\n`)
  return EXIT.succeeded
}

function pagePathOf(input: string): string {
  const { kind } = locate(input)
  if (kind === "standard stream") return "-"
  const name = kind === "http" ? (new URL(input).pathname.split("/").pop() ?? "notebook") : input
  return `${name.replace(/\.ipynb$/, "")}.html`
}
