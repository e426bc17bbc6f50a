/** `stet sign-in-link`: a way in for somebody who has lost every other one, given by who runs the machine. */
import type { Action } from "#cli/action.ts"
import type { Command, Parsed } from "#cli/arguments.ts"
import { type Edge, EXIT } from "#cli/edge.ts"

const COMMAND: Command = {
  name: "stet sign-in-link",
  summary: "Make a one-time link to sign somebody in",
  description: [
    "For whoever runs this machine: prints a link that signs in the person of LOGIN once, within a day. It needs no mail server; it is recorded in the audit.",
  ],
  positionals: [{ name: "LOGIN", help: "As on the page People." }],
  flags: [],
}

export const SIGN_IN_LINK: Action = { command: COMMAND, act }

async function act(parsed: Parsed, edge: Edge): Promise<number> {
  const { code } = await (await edge.platform()).signInLink(parsed.positionals[0] ?? "")
  const url = edge.servers.local()?.url ?? edge.env["STET_URL"] ?? "http://localhost:7838"
  edge.out.write(`${url}/sign-in?link=${encodeURIComponent(code)}\n`)
  return EXIT.succeeded
}
