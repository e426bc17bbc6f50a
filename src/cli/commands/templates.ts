/** `stet templates`: what can be run by name. */
import type { Command } from "#cli/arguments.ts"
import { isOn } from "#cli/arguments.ts"
import { EXIT } from "#cli/edge.ts"
import { onServer, type Remote } from "#cli/server/act.ts"
import { since } from "#cli/server/words.ts"
import { table } from "#cli/table.ts"

const COMMAND: Command = {
  name: "stet templates",
  summary: "List the templates on a server: what can be run by name",
  description: ["Run one with `stet run --template NAME`; NAME@CHANNEL or NAME@VERSION means another promotion than the newest."],
  positionals: [{ name: "TEXT", optional: true, help: "Part of the name or title." }],
  flags: [{ name: "--json", takes: [], help: "As JSON lines." }],
}

export const TEMPLATES = onServer(COMMAND, act)

async function act({ parsed, edge, client }: Remote): Promise<number> {
  const [q] = parsed.positionals
  const { items } = await client.call("listTemplates", { query: q === undefined ? {} : { q } })
  if (isOn(parsed, "--json")) edge.out.write(items.map((one) => `${JSON.stringify(one)}\n`).join(""))
  else if (items.length === 0)
    edge.out.write(
      q === undefined ? "There is no template yet. Propose a notebook: stet propose SPACE/NAME.ipynb --template NAME\n" : `No template holds ${q}.\n`,
    )
  else
    edge.out.write(
      `${table([
        ["TEMPLATE", "VERSION", "PROMOTED", "REVIEWED", "OWNER", "TITLE"],
        ...items.map((one) => [
          one.name,
          one.version === null ? "" : String(one.version),
          one.promotedAt === null ? "not yet" : since(one.promotedAt, edge.clock.now()),
          one.isReviewed === null ? "" : one.isReviewed ? "yes" : "no",
          one.owner.name,
          one.deprecatedAt === null ? one.title : `${one.title} (do not use any more)`,
        ]),
      ])}\n`,
    )
  return EXIT.succeeded
}
