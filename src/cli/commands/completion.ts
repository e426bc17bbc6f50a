/** `stet completion`: the script that completes stet in a shell. */

import type { Action, Program } from "#cli/action.ts"
import type { Command, Parsed } from "#cli/arguments.ts"
import { completion, SHELLS, type Shell } from "#cli/completion.ts"
import { complain, type Edge, EXIT } from "#cli/edge.ts"

const COMMAND: Command = {
  name: "stet completion",
  summary: "Print the completion script for a shell",
  positionals: [{ name: "SHELL", help: `One of ${SHELLS.join(", ")}.` }],
  flags: [],
  examples: [
    { line: 'eval "$(stet completion bash)"', means: "in ~/.bashrc" },
    { line: "stet completion fish > ~/.config/fish/completions/stet.fish", means: "for fish" },
  ],
}

export const COMPLETION: Action = { command: COMMAND, act }

async function act(parsed: Parsed, edge: Edge, program: Program): Promise<number> {
  const shell = SHELLS.find((one) => one === parsed.positionals[0]) as Shell | undefined
  if (!shell) {
    complain(edge, `There is no completion for "${parsed.positionals[0]}".`, `Use one of: ${SHELLS.join(", ")}`)
    return EXIT.bad
  }
  edge.out.write(completion(shell, await program.commands()))
  return EXIT.succeeded
}
