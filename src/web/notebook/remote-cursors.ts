/**
 * Others' cursors and selections in an editor, and one's own told to them.
 *
 * y-codemirror's own are not used: they are styled by attributes, which a page with a strict policy does not take, and every editor
 * looks at everybody's state for every key that is pressed.
 */
import { RangeSetBuilder, StateEffect } from "@codemirror/state"
import { Decoration, type DecorationSet, type EditorView, ViewPlugin, type ViewUpdate, WidgetType } from "@codemirror/view"
import type { Awareness } from "y-protocols/awareness"
import * as Y from "yjs"
import { type Peer, type Peers, placeOf } from "#web/notebook/peers.ts"
import type { Store } from "#web/notebook/store.ts"

export type Cursors = { readonly cell: string; readonly text: Y.Text; readonly awareness: Awareness; readonly peers: Store<Peers> }

const peersMoved = StateEffect.define<null>()
/** Often enough to see somebody type, seldom enough not to be a load. */
const TELL_MS = 60

export function remoteCursors(cursors: Cursors) {
  return ViewPlugin.define((view) => new CursorPlugin(view, cursors), { decorations: (plugin) => plugin.decorations })
}

class CursorPlugin {
  decorations: DecorationSet = Decoration.none
  readonly #cursors: Cursors
  readonly #leave: () => void
  #here: readonly Peer[]
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(view: EditorView, cursors: Cursors) {
    this.#cursors = cursors
    this.#here = this.#peersHere()
    this.#leave = cursors.peers.subscribe(() => {
      const here = this.#peersHere()
      if (here.length === 0 && this.#here.length === 0) return
      this.#here = here
      view.dispatch({ effects: peersMoved.of(null) })
    })
    this.decorations = this.#draw(view.state.doc.length)
  }

  #peersHere(): readonly Peer[] {
    return this.#cursors.peers.get().all.filter((peer) => peer.cursor?.cell === this.#cursors.cell)
  }

  update(update: ViewUpdate): void {
    if ((update.selectionSet || update.focusChanged) && update.view.hasFocus) this.#tell(update.view)
    const moved = update.transactions.some((each) => each.effects.some((effect) => effect.is(peersMoved)))
    if (moved) this.decorations = this.#draw(update.state.doc.length)
    else if (update.docChanged) this.decorations = this.decorations.map(update.changes)
  }

  #tell(view: EditorView): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      const { cell, text, awareness } = this.#cursors
      if (!view.hasFocus || text.length !== view.state.doc.length) return
      const { anchor, head } = view.state.selection.main
      const at = (index: number) => Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, index))
      awareness.setLocalStateField("cursor", { cell, anchor: at(anchor), head: at(head) })
    }, TELL_MS)
  }

  #draw(length: number): DecorationSet {
    const ranges: { readonly from: number; readonly to: number; readonly value: Decoration }[] = []
    for (const peer of this.#here) {
      const place = placeOf(peer, this.#cursors.text)
      if (!place || place.anchor > length || place.head > length) continue
      const [from, to] = [Math.min(place.anchor, place.head), Math.max(place.anchor, place.head)]
      if (from < to) ranges.push({ from, to, value: Decoration.mark({ class: `cm-peer-selection cm-peer-${peer.colour}` }) })
      ranges.push({ from: place.head, to: place.head, value: Decoration.widget({ widget: new Caret(peer.name, peer.colour), side: 1 }) })
    }
    ranges.sort((a, b) => a.from - b.from || a.value.startSide - b.value.startSide)
    const builder = new RangeSetBuilder<Decoration>()
    for (const { from, to, value } of ranges) builder.add(from, to, value)
    return builder.finish()
  }

  destroy(): void {
    this.#leave()
    clearTimeout(this.#timer)
  }
}

class Caret extends WidgetType {
  readonly name: string
  readonly colour: number
  constructor(name: string, colour: number) {
    super()
    this.name = name
    this.colour = colour
  }
  override eq(other: Caret): boolean {
    return other.name === this.name && other.colour === this.colour
  }
  override toDOM(): HTMLElement {
    const caret = document.createElement("span")
    caret.className = `cm-peer-caret cm-peer-${this.colour}`
    caret.setAttribute("aria-hidden", "true")
    const name = document.createElement("span")
    name.className = "cm-peer-name"
    name.textContent = this.name
    caret.append(name)
    return caret
  }
  override ignoreEvent(): boolean {
    return true
  }
}
