/** What every command that speaks to a server does alike: connects, and turns what the server refuses into an exit code. */
import { ApiProblem, type Client, Unreachable } from "#api/client.ts"
import { accepted } from "#base/outcome.ts"
import type { Action } from "#cli/action.ts"
import type { Command, Parsed } from "#cli/arguments.ts"
import { complain, type Edge, EXIT } from "#cli/edge.ts"
import { say } from "#cli/say.ts"
import { connected } from "#cli/server/connection.ts"
import { SERVER_FLAGS } from "#cli/server/flags.ts"
import { withRun } from "#cli/server/run-id.ts"

export type Remote = {
  readonly parsed: Parsed
  readonly edge: Edge
  readonly client: Client
  readonly url: string
  readonly token: string | undefined
}

/** A command that needs a server. */
export function onServer(command: Command, act: (remote: Remote) => Promise<number>): Action {
  return {
    command: { ...command, flags: [...command.flags, ...SERVER_FLAGS] },
    act: async (given, edge) => {
      const parsed = command.positionals[0]?.name === "RUN" ? withRun(given) : accepted(given)
      if (!parsed.ok) return say(edge, parsed.refusal)
      const to = connected(parsed.value, edge)
      if (!to.ok) return say(edge, to.refusal)
      return sayingProblems(edge, () => act({ parsed: parsed.value, edge, ...to.value }))
    },
  }
}

export async function sayingProblems(edge: Edge, act: () => Promise<number>): Promise<number> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof ApiProblem) return sayProblem(edge, error)
    if (!(error instanceof Unreachable)) throw error
    complain(edge, error.message, "Is the server running, and is its address right?")
    return EXIT.infrastructure
  }
}

const TOKEN_NEEDED = "Make a token in a browser, under Settings, API tokens, and keep it with: stet sign-in URL"

/** What to do next, where the server leaves that to whoever asks. */
const NEXT: Readonly<Record<string, string>> = {
  no_such_notebook: "See which there are: stet notebooks",
  no_such_template: "See which there are: stet templates",
  no_such_space: "See which there are: stet space list. A new one: stet space create NAME",
}

function sayProblem(edge: Edge, { status, problem }: ApiProblem): number {
  const fields = problem.errors.map(({ path, message }) => (path ? `${path}: ${message}` : message))
  const lines = fields.length > 0 ? fields : [problem.detail || problem.title]
  complain(edge, lines.join("\n      "), status === 401 ? TOKEN_NEEDED : problem.remedy || (NEXT[problem.code] ?? ""))
  if (status === 429 || status === 503) return EXIT.later
  return status >= 500 ? EXIT.infrastructure : EXIT.bad
}
