/**
 * A notebook that is open on this page: its document, the connection, and what the page knows, outside of React, so that a key that
 * is pressed reaches the document without anything being drawn anew.
 */
import { YSyncConfig } from "y-codemirror.next"
import { Awareness } from "y-protocols/awareness"
import * as Y from "yjs"
import type { Tell } from "#api/live.ts"
import { type Draft, mergedInto, openDraft, undoOf } from "#draft/index.ts"
import { type Editors, editorsOf } from "#web/notebook/editors.ts"
import type { KeptEdits } from "#web/notebook/kept-edits.ts"
import { connectLive, type Live, type LiveWorld } from "#web/notebook/live.ts"
import { foldSnapshot, foldTells, type LiveState, NOTHING_KNOWN } from "#web/notebook/live-state.ts"
import { type Peers, watchPeers } from "#web/notebook/peers.ts"
import { at, kept as keptSelection, NOTHING_SELECTED, type Selection } from "#web/notebook/selection.ts"
import { type Store, storeOf } from "#web/notebook/store.ts"
import { type Structure, structureOf, watchStructure } from "#web/notebook/structure.ts"
import { type Texts, watchTexts } from "#web/notebook/texts.ts"
import { plainView, type ViewState } from "#web/notebook/view-state.ts"
import { type WidgetStates, widgetStates } from "#web/notebook/widget-states.ts"
import type { CommTold } from "#web/outputs/session-comm.ts"

export type OpenNotebook = {
  readonly id: string
  readonly doc: Y.Doc
  readonly draft: Draft
  readonly awareness: Awareness
  readonly undo: Y.UndoManager
  readonly live: Live
  readonly state: Store<LiveState>
  readonly structure: Store<Structure>
  readonly texts: Texts
  readonly selection: Store<Selection>
  readonly view: Store<ViewState>
  readonly peers: Store<Peers>
  readonly editors: Editors
  /** Measured heights of cells, in pixels, as they were last drawn. */
  readonly heights: Map<string, number>
  /** Asks for what an execution has shown, unless it is known or on its way. */
  readonly wantOutputs: (execution: string) => void
  readonly hearComms: (listener: (tell: CommTold) => void) => () => void
  readonly widgets: Pick<WidgetStates, "opened">
  readonly close: () => void
}

export type Refusal = Extract<Tell, { tell: "resync" }>
export type RestoredByOther = Extract<Tell, { tell: "restored" }>

export type OpenOptions = {
  readonly id: string
  readonly world: LiveWorld & { readonly onFrame: (act: () => void) => void }
  readonly kept: KeptEdits | null
  readonly me: { readonly id: string; readonly name: string }
  /** An edit was not taken: this document cannot be continued. */
  readonly onRefused: (refusal: Refusal) => void
  readonly onRestored: (restored: RestoredByOther) => void
}

export function openNotebook(options: OpenOptions): OpenNotebook {
  const doc = new Y.Doc()
  const draft = openDraft(doc)
  const awareness = new Awareness(doc)
  awareness.setLocalState({ user: options.me, cell: "", mode: "command", cursor: null })
  const undo = undoOf(doc)
  // What an editor writes has its own binding as origin, which is one of these.
  undo.addTrackedOrigin(YSyncConfig)
  const state = storeOf(NOTHING_KNOWN)
  const comms = new Set<(tell: CommTold) => void>()
  const widgets = widgetStates()
  const hear = hearingByFrame(state, options, { comms, widgets, welcomed: () => wanted.again() })
  const live = connectLive({ doc, awareness, world: options.world, kept: options.kept, hear })
  const wanted = outputsWanted(live, state)
  const structure = storeOf(structureOf(draft))
  const texts = watchTexts(draft)
  const selection = storeOf(NOTHING_SELECTED)
  const stopStructure = watchStructure(draft, structure)
  const { peers, close: closePeers } = watchPeers(awareness)
  const heights = new Map<string, number>()
  const editors = editorsOf()
  const stopSelection = keepSelection({ doc, structure, selection, editors })
  const stopPresence = selection.subscribe(() => tellPlace(awareness, selection.get()))
  return {
    id: options.id,
    doc,
    draft,
    awareness,
    undo,
    live,
    state,
    structure,
    texts,
    selection,
    view: storeOf(plainView()),
    peers,
    editors,
    heights,
    wantOutputs: wanted.want,
    hearComms: (listener) => {
      comms.add(listener)
      return () => comms.delete(listener)
    },
    widgets,
    close: () => {
      stopSelection()
      stopPresence()
      stopStructure()
      closePeers()
      texts.close()
      live.close()
      draft.close()
      undo.destroy()
      awareness.destroy()
      doc.destroy()
    },
  }
}

type Hearing = {
  readonly comms: ReadonlySet<(tell: CommTold) => void>
  readonly widgets: WidgetStates
  /** A connection stands, and what was known by then is folded. */
  readonly welcomed: () => void
}

/** What is told between two frames is folded in one go: a cell that prints a hundred thousand lines draws at the pace of the screen. */
function hearingByFrame(state: Store<LiveState>, options: OpenOptions, { comms, widgets, welcomed }: Hearing) {
  let waiting: Tell[] = []
  const fold = () => {
    const tells = waiting
    waiting = []
    state.change((was) => foldTells(was, tells))
    if (tells.some(({ tell }) => tell === "welcome")) welcomed()
  }
  return (tell: Tell) => {
    if (tell.tell === "comm") {
      widgets.hear(tell)
      for (const listener of comms) listener(tell)
      return
    }
    // What there is of widgets is said anew after it.
    if (tell.tell === "welcome") widgets.clear()
    if (tell.tell === "resync") options.onRefused(tell)
    else if (tell.tell === "restored") options.onRestored(tell)
    else if (waiting.push(tell) === 1) options.world.onFrame(fold)
  }
}

/**
 * Who wants to see what an execution has shown asks once. Where no answer came, because the connection broke or the server knew nothing
 * yet, it is asked again when the connection stands anew: what was told meanwhile is told by nobody else.
 */
function outputsWanted(live: Live, state: Store<LiveState>) {
  const asked = new Set<string>()
  const unanswered = new Set<string>()
  const want = (execution: string): void => {
    if (asked.has(execution)) return
    const shown = state.get().outputs.get(execution)
    if (shown && shown.next >= 0) return
    asked.add(execution)
    live.ask({ do: "outputs", execution }).then((answer) => {
      asked.delete(execution)
      if (answer.ok) state.change((was) => foldSnapshot(was, answer.value))
      else unanswered.add(execution)
    })
  }
  const again = (): void => {
    const left = [...unanswered]
    unanswered.clear()
    for (const execution of left) want(execution)
  }
  return { want, again }
}

type Kept = Pick<OpenNotebook, "doc" | "structure" | "selection" | "editors">

function keepSelection({ doc, structure, selection, editors }: Kept): () => void {
  let before = structure.get().ids
  return structure.subscribe(() => {
    const { ids } = structure.get()
    if (ids === before) return
    const was = before
    before = ids
    const { active, mode } = selection.get()
    const target = mode === "edit" && !ids.includes(active) ? mergedInto(doc, active) : undefined
    if (target !== undefined) goAlong({ selection, editors }, active, target)
    else selection.change((now) => keptSelection(now, was, ids))
  })
}

/** Somebody merged the cell in which one types: the cursor goes along with its text. */
function goAlong({ selection, editors }: Pick<OpenNotebook, "selection" | "editors">, from: string, into: string): void {
  const state = editors.of(from)?.state
  selection.set(at(into, "edit"))
  if (state) editors.focus(into, { text: state.doc.toString(), offset: state.selection.main.head })
}

function tellPlace(awareness: Awareness, { active, mode }: Selection): void {
  const said = awareness.getLocalState()
  if (!said || (said["cell"] === active && said["mode"] === mode)) return
  awareness.setLocalState({ ...said, cell: active, mode, cursor: mode === "edit" ? said["cursor"] : null })
}
