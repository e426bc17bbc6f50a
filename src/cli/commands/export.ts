/** `stet export`: a space as a zip archive of ordinary files. */
import type { Command } from "#cli/arguments.ts"
import { EXIT } from "#cli/edge.ts"
import { onServer, type Remote } from "#cli/server/act.ts"

const COMMAND: Command = {
  name: "stet export",
  summary: "Write a space as a zip archive",
  description: [
    "Writes the newest version of every notebook and every file below SPACE, and stet.yaml with owners and versions. Any Jupyter tool opens what is in it; `stet import` takes it back, byte for byte.",
  ],
  positionals: [
    { name: "SPACE", help: "A space, or a folder in it: space/folder." },
    { name: "OUTPUT", optional: true, help: "Where it goes; default: standard output." },
  ],
  flags: [],
}

export const EXPORT = onServer(COMMAND, act)

async function act({ parsed, edge, client }: Remote): Promise<number> {
  const [place = "", output = "-"] = parsed.positionals
  const [space = "", ...folder] = place.split("/")
  const stream = await client.stream("exportZip", { query: { space, folder: folder.join("/") } })
  await (await edge.storage({ allowPrivateAddresses: false })).write(output, stream)
  return EXIT.succeeded
}
