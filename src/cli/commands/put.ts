/** `stet put`: a notebook or file into a space. */
import { write } from "#base/json.ts"
import { caseFileFor, isCaseFile, notebookFor } from "#case/index.ts"
import type { Command } from "#cli/arguments.ts"
import { isOn, lastValueOf } from "#cli/arguments.ts"
import { EXIT } from "#cli/edge.ts"
import { say } from "#cli/say.ts"
import { onServer, type Remote } from "#cli/server/act.ts"
import { placeOf } from "#cli/server/reference.ts"
import { decode } from "#cli/values.ts"

const COMMAND: Command = {
  name: "stet put",
  summary: "Put a notebook or a file into a space",
  description: [
    "Puts PATH at SPACE/PATH on the server. A notebook that stands there gets a new version when the bytes differ; the same bytes change nothing. Other files are kept beside the notebooks that use them. What ends in .stet.yaml holds the test cases of the notebook of that name, and takes the place of all it had.",
  ],
  positionals: [
    { name: "PATH", help: "The local file; - is standard input." },
    { name: "PLACE", help: "Where it goes: space/folder/name.ipynb." },
  ],
  flags: [
    { name: "--message", short: "-m", takes: ["TEXT"], help: "What changed, kept with the version." },
    { name: "--label", takes: ["NAME"], help: "A name for the version." },
    {
      name: "--base",
      takes: ["NUMBER"],
      help: "Refuse when a version newer than this one is there; of other files: when its SHA-256 is not this one.",
    },
    { name: "--json", takes: [], help: "What was saved, as JSON." },
  ],
  examples: [{ line: "stet put report.ipynb finance/weekly.ipynb -m 'Net of returns'", means: "the next version of finance/weekly.ipynb" }],
}

export const PUT = onServer(COMMAND, act)

async function act({ parsed, edge, client }: Remote): Promise<number> {
  const [source = "", where = ""] = parsed.positionals
  const place = placeOf(where)
  if (!place)
    return say(edge, { messages: [`${JSON.stringify(where)} names no place.`], remedy: "Give a space and a path: space/folder/name.ipynb." })
  const storage = await edge.storage({ allowPrivateAddresses: false })
  const body = await storage.read(source)
  if (isCaseFile(place.path)) return putTests(notebookFor(where), { parsed, edge, client }, body)
  if (!place.path.endsWith(".ipynb")) {
    const base = lastValueOf(parsed, "--base")
    const file = await client.call("putFile", { query: { ...place, ...(base === undefined ? {} : { base }) }, body })
    edge.out.write(isOn(parsed, "--json") ? `${JSON.stringify(file)}\n` : `${where}: ${file.sizeBytes.toLocaleString("en-US")} bytes.\n`)
    return EXIT.succeeded
  }
  const saved = await client.call("createNotebook", { query: { ...place, ...wishes(parsed) }, body })
  for (const repair of saved.repairs) edge.err.write(`stet: ${where}: ${repair}\n`)
  if (saved.lacks) edge.err.write(`stet: ${where} names ${saved.lacks.join(", ")} above it, and the space does not have it.\n`)
  if (isOn(parsed, "--json")) edge.out.write(`${write(saved as never)}\n`)
  else edge.out.write(`${where}: version ${saved.version.number}${saved.created ? "" : ", unchanged"}.\n`)
  return EXIT.succeeded
}

async function putTests(notebook: string, { parsed, edge, client }: Pick<Remote, "parsed" | "edge" | "client">, body: Uint8Array): Promise<number> {
  const text = decode(body)
  if (text === undefined) return say(edge, { messages: [`${caseFileFor(notebook)} is not UTF-8 text.`], remedy: "" })
  const { items } = await client.call("putTestFile", { params: { notebook }, body: { text } })
  if (isOn(parsed, "--json")) edge.out.write(`${JSON.stringify(items)}\n`)
  else edge.out.write(`${notebook}: ${items.length === 1 ? "one test case" : `${items.length} test cases`}.\n`)
  return EXIT.succeeded
}

function wishes(parsed: Remote["parsed"]): { message?: string; label?: string; base?: number } {
  const [message, label, base] = ["--message", "--label", "--base"].map((name) => lastValueOf(parsed, name as `--${string}`))
  return {
    ...(message === undefined ? {} : { message }),
    ...(label === undefined ? {} : { label }),
    ...(base === undefined ? {} : { base: Number(base) }),
  }
}
