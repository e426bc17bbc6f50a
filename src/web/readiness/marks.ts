/** In an editor, under what would stop a rerun: a line that says why to who points at it. */
import { type Extension, type Range, RangeSet, StateEffect } from "@codemirror/state"
import { Decoration, type DecorationSet, type EditorView, ViewPlugin, type ViewUpdate } from "@codemirror/view"
import type { Finding } from "#notebook/index.ts"
import type { Store } from "#web/notebook/store.ts"
import { type Look, plainWords } from "#web/readiness/look.ts"

const lookAgain = StateEffect.define<null>()

export function readinessMarks(look: Store<Look | null>, cell: string): Extension {
  return ViewPlugin.define((view) => new Marks(view, look, cell), { decorations: (marks) => marks.decorations })
}

class Marks {
  decorations: DecorationSet
  readonly #look: Store<Look | null>
  readonly #cell: string
  readonly #stop: () => void
  #shown: string

  constructor(view: EditorView, look: Store<Look | null>, cell: string) {
    this.#look = look
    this.#cell = cell
    this.#shown = this.#key()
    this.decorations = drawn(this.#found(), view.state.doc.length)
    this.#stop = look.subscribe(() => {
      // Most looks find the same as the one before.
      if (this.#key() !== this.#shown) view.dispatch({ effects: lookAgain.of(null) })
    })
  }

  update({ docChanged, changes, state, transactions }: ViewUpdate): void {
    if (docChanged) this.decorations = this.decorations.map(changes)
    if (!transactions.some(({ effects }) => effects.some((effect) => effect.is(lookAgain)))) return
    this.#shown = this.#key()
    this.decorations = drawn(this.#found(), state.doc.length)
  }

  destroy(): void {
    this.#stop()
  }

  #found(): readonly Finding[] {
    return this.#look.get()?.marks.get(this.#cell) ?? []
  }

  #key(): string {
    return this.#found()
      .map(({ span, why }) => `${span?.from} ${span?.to} ${why}`)
      .join("\n")
  }
}

function drawn(findings: readonly Finding[], length: number): DecorationSet {
  const ranges = findings.flatMap(({ span, why }): Range<Decoration>[] =>
    span && span.to > span.from && span.to <= length
      ? [Decoration.mark({ class: "cm-breaks", attributes: { title: plainWords(why) } }).range(span.from, span.to)]
      : [],
  )
  return RangeSet.of(ranges, true)
}
