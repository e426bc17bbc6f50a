/** Completion: what the kernel knows, and the words that stand in the notebook. */
import {
  autocompletion,
  type CompletionContext,
  type CompletionResult,
  closeCompletion,
  completionStatus,
  currentCompletions,
  type Completion as Offer,
  startCompletion,
} from "@codemirror/autocomplete"
import { syntaxTree } from "@codemirror/language"
import { type EditorState, type Extension, StateEffect, StateField } from "@codemirror/state"
import { EditorView } from "@codemirror/view"
import type { Completion } from "#api/live.ts"

export type Complete = {
  /** What the kernel says; undefined when there is none to ask, or it is busy and cannot be asked beside that. */
  readonly ask: (code: string, cursor: number, isAsked: boolean) => Promise<Completion | undefined>
  readonly words: () => readonly string[]
}

/** Two sources: the words are there at once, and the kernel's answer joins them when it comes. */
export function completion(complete: Complete): Extension {
  const list = autocompletion({
    override: [ofWords, ofKernel].map((source) => (context: CompletionContext) => (isProse(context) ? null : source(context, complete))),
    activateOnTyping: true,
    activateOnTypingDelay: 120,
    maxRenderedOptions: 60,
    // What both say is shown once where it stands side by side, and neither has a boost: then what has a type, the kernel's, stays.
    compareCompletions: (a, b) => a.label.localeCompare(b.label),
    closeOnBlur: true,
    icons: true,
    defaultKeymap: true,
  })
  return [list, isAsked, putsIn]
}

/** Where an offer goes; the same for all that the editor shows at a time, as far as they come from one source. */
type Placed = Offer & { readonly from: number; readonly to: number }

const asking = StateEffect.define<boolean>()

/** That somebody asked by a key, and neither wrote nor moved since. */
const isAsked = StateField.define<boolean>({
  create: () => false,
  update: (before, { effects, docChanged, selection }) =>
    effects.find((effect) => effect.is(asking))?.value ?? (before && !docChanged && selection === undefined),
})

/** What stands there without a choice is put in: the only offer, else what all offers begin with, over the list of them. */
export function completeNow(view: EditorView): void {
  startCompletion(view)
  view.dispatch({ effects: asking.of(true) })
}

const putsIn = EditorView.updateListener.of(({ view, state }) => {
  if (!state.field(isAsked) || completionStatus(state) === "pending") return
  // A view cannot be changed while it tells of a change.
  queueMicrotask(() => {
    if (view.state !== state) return
    const put = withoutChoice(state)
    view.dispatch({ effects: asking.of(false) })
    if (!put) return
    // Not as the list would: it takes no key in its first 75 ms, and nobody has seen it here.
    const { from, to, text, isWhole } = put
    if (isWhole) closeCompletion(view)
    const userEvent = isWhole ? "input.complete" : "input.type"
    if (text !== state.sliceDoc(from, to))
      view.dispatch({ changes: { from, to, insert: text }, selection: { anchor: from + text.length }, userEvent, scrollIntoView: true })
  })
})

/** Lists that are this long were cut, and do not tell what all begin with. */
const MANY = 40

function withoutChoice(state: EditorState) {
  const offers = currentCompletions(state) as readonly Placed[]
  const [first] = offers
  if (!first || offers.length >= MANY || offers.some(({ from, to }) => from !== first.from || to !== first.to)) return undefined
  const { from, to } = first
  const labels = new Set(offers.map(({ label }) => label))
  if (labels.size === 1) return { from, to, text: first.label, isWhole: true }
  const text = [...labels].reduce(commonStart)
  const typed = state.sliceDoc(from, to)
  return text.length > typed.length && text.startsWith(typed) ? { from, to, text, isWhole: false } : undefined
}

function commonStart(one: string, other: string): string {
  const [a, b] = [[...one], [...other]]
  const differs = a.findIndex((char, at) => char !== b[at])
  return differs < 0 ? one : a.slice(0, differs).join("")
}

/** Enter at the end of a comment ends the line, and puts in no word that began alike. */
function isProse({ state, pos, explicit }: CompletionContext): boolean {
  return !explicit && /comment/iu.test(syntaxTree(state).resolveInner(pos, -1).name)
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
  const [from, to] = [said.start, said.end]
  const options = said.matches.slice(0, 500).map((match): Placed => ({ label: match.text, type: kindOf(match.type), from, to }))
  return { from, to, options, validFor: STAYS }
}

function ofWords(context: CompletionContext, complete: Complete): CompletionResult | null {
  const { from, text, isMember, isWorthIt } = typedIn(context)
  if (isMember || !isWorthIt) return null
  const low = text.toLowerCase()
  const options = complete.words().filter((word) => word !== text && word.toLowerCase().startsWith(low))
  const to = context.pos
  const offers = options.slice(0, MANY).map((label): Placed => ({ label, from, to }))
  return offers.length === 0 ? null : { from, to, options: offers, validFor: STAYS }
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
