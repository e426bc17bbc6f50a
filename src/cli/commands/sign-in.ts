/** `stet sign-in`: keeps the token for a server. */
import { connect } from "#api/client.ts"
import type { Action } from "#cli/action.ts"
import { type Command, lastValueOf, type Parsed } from "#cli/arguments.ts"
import { type Edge, EXIT } from "#cli/edge.ts"
import { say } from "#cli/say.ts"
import { sayingProblems } from "#cli/server/act.ts"

const COMMAND: Command = {
  name: "stet sign-in",
  summary: "Keep an API token for a server",
  description: [
    "Reads a token (made in a browser, under Settings, API tokens) from standard input or a file, tries it, and keeps it readable by you alone. It is never taken from the command line, where others could see it.",
  ],
  positionals: [{ name: "URL", help: "The server's address." }],
  flags: [{ name: "--token-file", takes: ["PATH"], help: "Read the token from this file." }],
}

export const SIGN_IN: Action = { command: COMMAND, act }

async function act(parsed: Parsed, edge: Edge): Promise<number> {
  const [url = ""] = parsed.positionals
  if (!URL.canParse(url)) return say(edge, { messages: [`${JSON.stringify(url)} is not an address.`], remedy: "It begins with https:// or http://." })
  const token = (edge.servers.readTokenFile(lastValueOf(parsed, "--token-file") ?? "-") ?? "").trim()
  if (token === "") return say(edge, { messages: ["no token was given."], remedy: "Pipe it in, or give --token-file." })
  return sayingProblems(edge, async () => {
    const me = await connect({ url, token }).call("getSession", {})
    edge.servers.saveToken(new URL(url).origin, token)
    edge.out.write(`Signed in at ${new URL(url).origin} as ${me.person.name}.\n`)
    return EXIT.succeeded
  })
}
