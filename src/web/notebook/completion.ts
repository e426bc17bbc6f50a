/** Completion: what the kernel knows, and the words that stand in the notebook. */
import { autocompletion, type CompletionContext, type CompletionResult, type Completion as Offer } from "@codemirror/autocomplete"
import type { Extension } from "@codemirror/state"
import type { Completion } from "#api/live.ts"

export type Complete = {
  /** What the kernel says; undefined when there is none to ask, or it is busy and cannot be asked beside that. */
  readonly ask: (code: string, cursor: number, isAsked: boolean) => Promise<Completion | undefined>
  readonly words: () => readonly string[]
}

export function completion(complete: Complete): Extension {
  return autocompletion({
    override: [(context) => offers(context, complete)],
    activateOnTyping: true,
    activateOnTypingDelay: 120,
    maxRenderedOptions: 60,
    closeOnBlur: true,
    icons: true,
    defaultKeymap: true,
  })
}

async function offers(context: CompletionContext, complete: Complete): Promise<CompletionResult | null> {
  const typed = context.matchBefore(/[\p{L}\p{N}_]+/u)
  const isMember = context.matchBefore(/\.[\p{L}\p{N}_]*/u) !== null
  if (!context.explicit && !isMember && (typed === null || typed.text.length < 2 || /^\d/.test(typed.text))) return null
  const code = context.state.doc.toString()
  const said = await complete.ask(code, context.pos, context.explicit)
  if (context.aborted) return null
  return said && said.matches.length > 0 ? fromKernel(said, context.explicit) : fromWords(context, typed, isMember ? [] : complete.words())
}

function fromKernel(said: Completion, isAsked: boolean): CompletionResult | null {
  const options = said.matches.slice(0, 500).map((match): Offer => ({ label: match.text, type: kindOf(match.type) }))
  if (options.length === 0) return null
  // Asked for with Tab, a list of one is the answer.
  return { from: said.start, to: said.end, options, validFor: isAsked ? /^[\p{L}\p{N}_.%/]*$/u : /^[\p{L}\p{N}_]*$/u }
}

function fromWords(
  context: CompletionContext,
  typed: { readonly from: number; readonly text: string } | null,
  words: readonly string[],
): CompletionResult | null {
  if (!typed || typed.text.length < 2) return null
  const low = typed.text.toLowerCase()
  const options = words.filter((word) => word !== typed.text && word.toLowerCase().startsWith(low)).slice(0, 40)
  if (options.length === 0) return null
  return { from: typed.from, to: context.pos, options: options.map((label) => ({ label, type: "text" })), validFor: /^[\p{L}\p{N}_]*$/u }
}

const KINDS: Readonly<Record<string, string>> = {
  function: "function",
  class: "class",
  module: "namespace",
  instance: "variable",
  statement: "variable",
  keyword: "keyword",
  param: "property",
  property: "property",
  magic: "keyword",
  path: "text",
}

function kindOf(type: string): string {
  return KINDS[type] ?? "variable"
}

/** The words of all texts that are worth completing, each once. */
export function wordsIn(texts: Iterable<string>): readonly string[] {
  const found = new Set<string>()
  for (const text of texts) {
    for (const [word] of text.matchAll(/[\p{L}_][\p{L}\p{N}_]{3,60}/gu)) found.add(word)
    if (found.size > 20_000) break
  }
  return [...found].sort()
}
