/** Completion: what the kernel knows, and the words that stand in the notebook. */
import { autocompletion, type CompletionContext, type CompletionResult, type Completion as Offer } from "@codemirror/autocomplete"
import type { Extension } from "@codemirror/state"
import type { Completion } from "#api/live.ts"

export type Complete = {
  /** What the kernel says; undefined when there is none to ask, or it is busy and cannot be asked beside that. */
  readonly ask: (code: string, cursor: number, isAsked: boolean) => Promise<Completion | undefined>
  readonly words: () => readonly string[]
}

/** Two sources: the words are there at once, and the kernel's answer joins them when it comes. */
export function completion(complete: Complete): Extension {
  return autocompletion({
    override: [(context) => ofWords(context, complete), (context) => ofKernel(context, complete)],
    activateOnTyping: true,
    activateOnTypingDelay: 120,
    maxRenderedOptions: 60,
    closeOnBlur: true,
    icons: true,
    defaultKeymap: true,
  })
}

type Typed = { readonly from: number; readonly text: string; readonly isMember: boolean; readonly isWorthIt: boolean }

function typedIn(context: CompletionContext): Typed {
  const word = context.matchBefore(/[\p{L}\p{N}_]+/u)
  const isMember = context.matchBefore(/\.[\p{L}\p{N}_]*/u) !== null
  const text = word?.text ?? ""
  return { from: word?.from ?? context.pos, text, isMember, isWorthIt: isMember || (text.length >= 2 && !/^\d/.test(text)) }
}

const STAYS = /^[\p{L}\p{N}_]*$/u

async function ofKernel(context: CompletionContext, complete: Complete): Promise<CompletionResult | null> {
  if (!context.explicit && !typedIn(context).isWorthIt) return null
  const said = await complete.ask(context.state.doc.toString(), context.pos, context.explicit)
  if (context.aborted || !said || said.matches.length === 0) return null
  const options = said.matches.slice(0, 500).map((match): Offer => ({ label: match.text, type: kindOf(match.type), boost: 1 }))
  return { from: said.start, to: said.end, options, validFor: STAYS }
}

/** What the kernel says of a word as well is shown once, its way. */
function ofWords(context: CompletionContext, complete: Complete): CompletionResult | null {
  const { from, text, isMember, isWorthIt } = typedIn(context)
  if (isMember || !isWorthIt) return null
  const low = text.toLowerCase()
  const options = complete.words().filter((word) => word !== text && word.toLowerCase().startsWith(low))
  return options.length === 0 ? null : { from, to: context.pos, options: options.slice(0, 40).map((label) => ({ label })), validFor: STAYS }
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
