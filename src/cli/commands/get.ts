/** `stet get`: the bytes of a version. */
import { isCaseFile, notebookFor } from "#case/index.ts"
import type { Command } from "#cli/arguments.ts"
import { EXIT } from "#cli/edge.ts"
import { onServer, type Remote } from "#cli/server/act.ts"
import { referenceOf } from "#cli/server/reference.ts"

const COMMAND: Command = {
  name: "stet get",
  summary: "Get a notebook back, byte for byte",
  positionals: [
    { name: "NOTEBOOK", help: "space/path.ipynb, its newest version; space/path.ipynb@3 for the third; space/path.stet.yaml, its test cases." },
    { name: "OUTPUT", optional: true, help: "Where it goes; default: standard output." },
  ],
  flags: [],
  examples: [{ line: "stet get finance/weekly.ipynb@647 weekly.ipynb", means: "version 647, exactly as it was put in" }],
}

export const GET = onServer(COMMAND, act)

async function act({ parsed, edge, client }: Remote): Promise<number> {
  const [text = "", output = "-"] = parsed.positionals
  const storage = await edge.storage({ allowPrivateAddresses: false })
  if (isCaseFile(text)) {
    const file = await client.call("getTestFile", { params: { notebook: notebookFor(text) } })
    await storage.write(output, new TextEncoder().encode(file.text))
    return EXIT.succeeded
  }
  const { notebook, version } = referenceOf(text)
  const stream =
    typeof version === "number"
      ? await client.stream("getVersionContent", { params: { notebook, version } })
      : await client.stream("getContent", { params: { notebook } })
  await storage.write(output, stream)
  return EXIT.succeeded
}
