/** `stet get`: the bytes of a version. */
import type { Command } from "#cli/arguments.ts"
import { EXIT } from "#cli/edge.ts"
import { onServer, type Remote } from "#cli/server/act.ts"
import { referenceOf } from "#cli/server/reference.ts"

const COMMAND: Command = {
  name: "stet get",
  summary: "Get a notebook back, byte for byte",
  positionals: [
    { name: "NOTEBOOK", help: "space/path.ipynb, its newest version; space/path.ipynb@3 for the third." },
    { name: "OUTPUT", optional: true, help: "Where it goes; default: standard output." },
  ],
  flags: [],
  examples: [{ line: "stet get finance/weekly.ipynb@647 weekly.ipynb", means: "version 647, exactly as it was put in" }],
}

export const GET = onServer(COMMAND, act)

async function act({ parsed, edge, client }: Remote): Promise<number> {
  const [text = "", output = "-"] = parsed.positionals
  const { notebook, version } = referenceOf(text)
  const stream =
    typeof version === "number"
      ? await client.stream("getVersionContent", { params: { notebook, version } })
      : await client.stream("getContent", { params: { notebook } })
  const storage = await edge.storage({ allowPrivateAddresses: false })
  await storage.write(output, stream)
  return EXIT.succeeded
}
