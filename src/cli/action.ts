import type { Command, Parsed } from "#cli/arguments.ts"
import type { Edge } from "#cli/edge.ts"

/** One command of `stet`: its table and its deed. */
export type Action = {
  readonly command: Command
  /** Does it and gives the exit code; `parsed.positionals` are as many as the command takes. */
  readonly act: (parsed: Parsed, edge: Edge, program: Program) => Promise<number>
  /** Takes all words itself, help included: a face with rules of its own. */
  readonly actRaw?: (words: readonly string[], edge: Edge) => Promise<number>
}

/** What a command may know of the others. */
export type Program = { readonly commands: () => Promise<readonly Command[]> }
