/** `stet versions`: the versions of one notebook. */
import type { Command } from "#cli/arguments.ts"
import { isOn } from "#cli/arguments.ts"
import { EXIT } from "#cli/edge.ts"
import { onServer, type Remote } from "#cli/server/act.ts"
import { since } from "#cli/server/words.ts"
import { table } from "#cli/table.ts"

const COMMAND: Command = {
  name: "stet versions",
  summary: "List the versions of a notebook",
  positionals: [{ name: "NOTEBOOK", help: "space/path.ipynb" }],
  flags: [{ name: "--json", takes: [], help: "As JSON lines." }],
}

export const VERSIONS = onServer(COMMAND, act)

async function act({ parsed, edge, client }: Remote): Promise<number> {
  const [notebook = ""] = parsed.positionals
  const { items } = await client.call("listVersions", { params: { notebook }, query: { limit: 200 } })
  if (isOn(parsed, "--json")) edge.out.write(items.map((one) => `${JSON.stringify(one)}\n`).join(""))
  else
    edge.out.write(
      `${table([
        ["VERSION", "SAVED", "BY", "DIGEST", "LABEL", "MESSAGE"],
        ...items.map((one) => [
          String(one.number),
          since(one.createdAt, edge.clock.now()),
          one.author?.name ?? "",
          one.sha256.slice(0, 12),
          one.label ?? "",
          one.message.split("\n")[0] ?? "",
        ]),
      ])}\n`,
    )
  return EXIT.succeeded
}
