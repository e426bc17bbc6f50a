/**
 * The frames of one view, on a layer over it. A frame is never moved in the document, which would load it anew: it is laid over the
 * place that its output keeps. Outputs that need each other share one frame that covers the whole layer and is cut to their places,
 * so that it shows nothing, and takes no click, anywhere else.
 */

import { externalText } from "#web/outputs/external-text.ts"
import type { Place, Said, Show, Told } from "#web/outputs/frame/messages.ts"
import type { SessionComm } from "#web/outputs/session-comm.ts"
import { activeOf, idsOf } from "#web/outputs/stage/active.ts"
import { allowedHosts, isAllowedKnown, knowAllowed, onAllowed } from "#web/outputs/stage/allowed.ts"
import { type Alive, givingWay } from "#web/outputs/stage/giving-way.ts"
import { type Group, groupOf, hostsIn, mayNeedOthers } from "#web/outputs/stage/grouping.ts"
import { type Heard, hear, heardOf } from "#web/outputs/stage/heard.ts"
import { type Laid, layAlone, layShared, placeOf } from "#web/outputs/stage/laying.ts"
import { type LibraryPlace, libraryText } from "#web/outputs/stage/libraries.ts"
import { OutputFrame } from "#web/outputs/stage/output-frame.ts"
import type { CellShown, Earlier, Early } from "#web/outputs/stage/shown.ts"
import { inTime, onStills } from "#web/outputs/stage/stills.ts"
import { themeOf, themeOfPaper } from "#web/outputs/stage/theme.ts"

/** Frames that hold one output each, alive at a time; those out of view longest give way, and their place stays. */
const MOST_ALONE = 12

export type Slot = {
  /** The same for the same output of the same cell, another when it is replaced. */
  readonly id: string
  readonly cell: string
  readonly show: Show
  readonly element: HTMLElement
  readonly hear: (heard: Heard) => void
}

/** `isTold`: its frame has been handed it. `heard`: what its frame said of it, for a place that comes anew. */
type Output = Early & { slot: Slot | undefined; seenAt: number; place: string; isTold: boolean; readonly heard: Map<string, Heard> }
/** `turn`: outputs of a frame are shown one after another; it is over when the last one was handed in. */
type Held = {
  readonly frame: OutputFrame
  readonly group: Group
  readonly outputs: Map<string, Output>
  readonly hosts: readonly string[]
  turn: Promise<void>
}

export class Stage {
  readonly #layer: HTMLElement
  readonly #frames = new Map<string, Held>()
  readonly #watch: ResizeObserver
  readonly #changes: MutationObserver
  #measuring = 0
  #comm: { readonly line: SessionComm; readonly end: () => void } | undefined
  #widgets: unknown
  /** Where libraries of others are looked for. */
  libraries: LibraryPlace = {}
  /** Undefined where outputs stand by themselves. */
  earlier: Earlier | undefined
  /** Places in the document, and those of them that are near the reader's view. */
  readonly #slots = new Set<Slot>()
  readonly #near = new Set<Slot>()
  /** Everything is drawn, as paper needs it. */
  #isWhole = false
  /** Who waits for the picture of an output, by its id. */
  readonly #awaited = new Map<string, () => void>()
  readonly #forget: readonly (() => void)[]

  constructor(layer: HTMLElement) {
    this.#layer = layer
    this.#watch = new ResizeObserver(() => this.measure())
    this.#changes = new MutationObserver((changes) => changes.some(({ target }) => !layer.contains(target)) && this.measure())
    this.#watch.observe(layer)
    if (layer.parentElement)
      this.#changes.observe(layer.parentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["style", "class", "open"] })
    addEventListener("resize", this.measure)
    addEventListener("scroll", this.#scrolled, { capture: true, passive: true })
    addEventListener("beforeprint", this.#printing)
    addEventListener("afterprint", this.#printed)
    this.#forget = [onAllowed(() => this.#allowed()), onStills(() => this.#takeStills())]
  }

  close(): void {
    removeEventListener("resize", this.measure)
    removeEventListener("scroll", this.#scrolled, { capture: true })
    removeEventListener("beforeprint", this.#printing)
    removeEventListener("afterprint", this.#printed)
    for (const forget of this.#forget) forget()
    this.#watch.disconnect()
    this.#changes.disconnect()
    this.#comm?.end()
    this.#comm = undefined
    cancelAnimationFrame(this.#measuring)
    this.#measuring = 0
    for (const held of this.#frames.values()) held.frame.close()
    this.#frames.clear()
  }

  /** A place in the document. Its output is drawn once it is near; what is given back takes the place away, and parks its output. */
  add(slot: Slot): () => void {
    this.#slots.add(slot)
    if (this.#isWhole) this.#put(slot)
    return () => {
      this.#slots.delete(slot)
      this.#near.delete(slot)
      this.#watch.unobserve(slot.element)
      const output = this.#outputOf(slot)
      if (output?.slot !== slot) return
      // Text that is being written leaves a diagram behind with every word; they are drawn again soon enough.
      if (groupOf(slot.show) === "diagrams") this.keep(slot.cell, [])
      output.slot = undefined
      output.seenAt = performance.now()
      this.measure()
    }
  }

  /** Whether the place is near the reader's view. */
  see(slot: Slot, isNear: boolean): void {
    if (!this.#slots.has(slot)) return
    const output = this.#outputOf(slot)
    if (output) output.seenAt = performance.now()
    if (!isNear) {
      this.#near.delete(slot)
      return
    }
    this.#near.add(slot)
    this.#put(slot)
  }

  setWhole(isWhole: boolean): void {
    this.#isWhole = isWhole
    if (isWhole) for (const slot of this.#slots) this.#put(slot)
    else this.#thin()
  }

  readonly #printing = (): void => this.setWhole(true)
  readonly #printed = (): void => this.setWhole(false)

  /** What stands in the page and has been drawn is asked for a picture of itself. */
  async #takeStills(): Promise<void> {
    const asked = [...this.#frames.values()].flatMap(({ frame, outputs }) =>
      [...outputs.values()].filter(({ slot, heard }) => slot && heard.has("height")).map(({ id }) => ({ frame, id })),
    )
    const taken = asked.map(({ id }) => new Promise<void>((done) => this.#awaited.set(id, done)))
    for (const { frame } of this.#frames.values()) frame.tell(themeOfPaper())
    for (const { frame, id } of asked) frame.tell({ do: "still", id })
    // A frame answers once what it shows stands, and has the colours of paper until then.
    await inTime(taken)
    this.setTheme()
  }

  #outputOf(slot: Slot): Output | undefined {
    return this.#frames.get(keyOf(slot))?.outputs.get(slot.id)
  }

  /** Lays the output over its place. */
  #put(slot: Slot): void {
    // What a frame may ask is said when it is opened.
    if (!isAllowedKnown()) {
      void knowAllowed().then(() => this.#slots.has(slot) && (this.#isWhole || this.#near.has(slot)) && this.#put(slot))
      return
    }
    const key = keyOf(slot)
    const held = this.#frames.get(key) ?? this.#open(key, groupOf(slot.show), slot)
    const output = held.outputs.get(slot.id) ?? this.#take(held, slot)
    // A row that left the document and comes back does not know what was said to it; the frame says it once.
    if (output.slot !== slot) for (const heard of output.heard.values()) slot.hear(heard)
    output.slot = slot
    this.#watch.observe(slot.element)
    this.measure()
    this.#thin()
  }

  /** What this cell shows now: whatever else it showed before is taken away. */
  keep(cell: string, ids: readonly string[]): void {
    for (const key of [...this.#frames.keys()]) this.#keepIn(key, cell, ids)
  }

  #keepIn(key: string, cell: string, ids: readonly string[]): void {
    const held = this.#frames.get(key)
    for (const output of held?.outputs.values() ?? [])
      if (held && output.cell === cell && !ids.includes(output.id)) {
        held.outputs.delete(output.id)
        if (held.group === "alone") this.#close(key)
        else held.frame.tell({ do: "drop", id: output.id })
      }
  }

  /** The reader lets frames ask other hosts than before: those that it matters to begin anew. */
  #allowed(): void {
    for (const [key, held] of [...this.#frames]) {
      const outputs = [...held.outputs.values()]
      const [first] = outputs
      if (!first || hostsFor(held.group, first.show).join() === held.hosts.join()) continue
      this.#close(key)
      for (const output of outputs) {
        const again = this.#frames.get(key) ?? this.#open(key, held.group, output)
        this.#take(again, output).slot = output.slot
      }
    }
    this.measure()
  }

  setWidgets(state: unknown): void {
    if (state === this.#widgets) return
    this.#widgets = state
    this.#tellWidgets()
  }

  setComm(line: SessionComm | undefined): void {
    if (this.#comm?.line === line) return
    const isFirst = this.#comm === undefined
    this.#comm?.end()
    this.#comm = line && { line, end: line.listen((told) => this.#frames.get("widgets")?.frame.tell({ do: "comm", told })) }
    this.#tellWidgets()
    if (isFirst) this.#tellOpened()
  }

  setTheme(): void {
    for (const { frame } of this.#frames.values()) frame.tell(themeOf())
  }

  focus(slot: Slot, isLast: boolean): void {
    const held = this.#frames.get(keyOf(slot))
    held?.frame.element.focus()
    held?.frame.tell({ do: "focus", id: slot.id, isLast })
  }

  readonly measure = (): void => {
    if (this.#measuring === 0) this.#measuring = requestAnimationFrame(() => this.#lay())
  }

  /** A box that scrolls inside the view moves what is in it; the page itself moves the layer along. */
  readonly #scrolled = (event: Event): void => {
    if (event.target instanceof Element && this.#layer.parentElement?.contains(event.target)) this.measure()
  }

  #lay(): void {
    this.#measuring = 0
    const ground = this.#layer.getBoundingClientRect()
    for (const held of this.#frames.values()) {
      const places = [...held.outputs.values()].map((output) => placeOf(output, ground, this.#layer))
      if (held.group === "alone") layAlone(held.frame.element, places[0])
      else layShared(held.frame.element, places)
      this.#tellPlaces(held, places)
    }
  }

  #tellPlaces(held: Held, places: readonly Laid[]): void {
    const told: Place[] = []
    for (const { output, x, y, width, isShown } of places) {
      const place = held.group === "alone" ? { id: output.id, x: 0, y: 0, width, isShown } : { id: output.id, x, y, width, isShown }
      const text = `${place.x} ${place.y} ${place.width} ${place.isShown}`
      if (text === output.place || (!isShown && output.place === "")) continue
      output.place = text
      told.push(isShown ? place : { ...place, width: Math.max(width, Number(output.place.split(" ")[2]) || 600) })
    }
    if (told.length > 0) held.frame.tell({ do: "place", places: told })
  }

  #open(key: string, group: Group, { show }: { readonly show: Show }): Held {
    const hosts = hostsFor(group, show)
    const outputs = new Map<string, Output>()
    const listener = {
      said: (said: Said) => this.#hear(held, said),
      lost: (why: string) => {
        const shown = [...outputs.values()]
        this.#close(key)
        for (const { slot } of shown) slot?.hear({ heard: "failed", message: why })
      },
    }
    const frame = new OutputFrame(this.#layer, { hosts, title: "Interactive output", listener })
    frame.element.style.cssText = "position:absolute;top:0;left:0;border:0;pointer-events:auto;color-scheme:light"
    const held: Held = { frame, group, outputs, hosts, turn: Promise.resolve() }
    this.#frames.set(key, held)
    frame.tell(themeOf())
    if (group === "widgets") {
      frame.bring("widgets")
      this.#tellWidgets()
      this.#tellOpened()
    }
    return held
  }

  /** Holds an output for its frame, and shows it there when what it may need has been shown. */
  #take(held: Held, early: Early): Output {
    const output = this.#hold(held, early)
    const { earlier } = this
    if (held.group !== "together" || !earlier || !mayNeedOthers(early.show)) {
      if (held.group === "together") held.turn = held.turn.then(() => this.#show(held, output))
      else this.#show(held, output)
      return output
    }
    const asked = earlier(early.cell).catch(() => [])
    held.turn = held.turn.then(async () => this.#showEarlier(held, early, await asked)).then(() => this.#show(held, output))
    return output
  }

  #hold(held: Held, { id, cell, show }: Early): Output {
    const output: Output = { id, cell, show, slot: undefined, seenAt: performance.now(), place: "", isTold: false, heard: new Map() }
    held.outputs.set(id, output)
    return output
  }

  #show(held: Held, output: Output): void {
    const { id, show } = output
    // While it waited for its turn it was taken away, or its frame was; or a later output needed it before.
    if (held.outputs.get(id) !== output || output.isTold) return
    output.isTold = true
    if (show.renderer === "vega") held.frame.bring("vega")
    if (show.renderer === "plotly") held.frame.bring("plotly")
    if (show.renderer === "mermaid") held.frame.bring("mermaid")
    const width = Math.round(this.#layer.getBoundingClientRect().width)
    if (output.place === "") held.frame.tell({ do: "place", places: [{ id, x: 0, y: 0, width, isShown: false }] })
    held.frame.tell({ do: "show", id, show })
  }

  /** Scripts run in the order of the notebook, wherever the reader begins to read; what a cell showed before it ran again goes. */
  async #showEarlier(held: Held, asker: Early, cells: readonly CellShown[]): Promise<void> {
    for (const shown of cells) {
      if (shown.cell !== asker.cell) this.#keepIn("together", shown.cell, idsOf(shown.cell, shown.outputs))
      for (const early of await activeOf(shown, externalText)) {
        if (early.id === asker.id) return
        this.#show(held, held.outputs.get(early.id) ?? this.#hold(held, early))
      }
      if (shown.cell === asker.cell) return
    }
  }

  #hear(held: Held, said: Said): void {
    if (said.say === "library") return this.#answer(held, said)
    if (said.say === "comm") return this.#send(held, said)
    if (said.say === "ready") return
    const ids = said.id === "" ? [...held.outputs.keys()].slice(-1) : [said.id]
    for (const id of ids) {
      const output = held.outputs.get(id)
      if (output) hear(output, heardOf(said))
      if (said.say === "still") this.#awaited.get(id)?.()
    }
  }

  #answer(held: Held, { request, wanted }: Extract<Said, { say: "library" }>): void {
    libraryText(wanted, this.libraries).then(
      (text) => held.frame.tell({ do: "library", request, text }),
      (error: unknown) => held.frame.tell({ do: "library", request, problem: error instanceof Error ? error.message : String(error) }),
    )
  }

  /** Only the frame of widgets has a line to the kernel. */
  #send(held: Held, { commId, data, buffers }: Extract<Said, { say: "comm" }>): void {
    if (held.group !== "widgets" || !this.#comm?.line.mayRun) return
    void this.#comm.line.send({ commId, data, buffers }).catch((error: unknown) => {
      const [first] = [...held.outputs.values()].filter(({ slot }) => slot)
      first?.slot?.hear({ heard: "failed", message: error instanceof Error ? error.message : String(error) })
    })
  }

  #tellWidgets(): void {
    const { mayRun = false, isFixed = false } = this.#comm?.line ?? {}
    const told: Told = { do: "widgets", state: this.#widgets, isLive: mayRun, isFixed }
    this.#frames.get("widgets")?.frame.tell(told)
  }

  /** A frame begins with what was said before it was there: a widget is opened before it is shown, and the first one brings the frame. */
  #tellOpened(): void {
    const frame = this.#frames.get("widgets")?.frame
    if (frame) for (const told of this.#comm?.line.opened() ?? []) frame.tell({ do: "comm", told })
  }

  #thin(): void {
    if (this.#isWhole) return
    const alone = [...this.#frames].filter(([, { group }]) => group === "alone").map(([key, { outputs }]) => this.#alive(key, [...outputs.values()]))
    for (const key of givingWay(alone, MOST_ALONE)) this.#close(key)
  }

  #alive(key: string, outputs: readonly Output[]): Alive {
    return {
      key,
      isNear: outputs.some(({ slot }) => slot && this.#near.has(slot)),
      seenAt: Math.max(...outputs.map(({ seenAt }) => seenAt)),
    }
  }

  #close(key: string): void {
    const held = this.#frames.get(key)
    held?.frame.close()
    // What waits for its turn finds itself gone.
    held?.outputs.clear()
    this.#frames.delete(key)
  }
}

/** A frame of one output may ask those hosts that this one names; what names none before it runs may ask any that the reader allowed. */
function hostsFor(group: Group, show: Show): readonly string[] {
  const [wanted, allowed] = [hostsIn(show), allowedHosts()]
  return group === "alone" ? allowed.filter((host) => wanted.length === 0 || wanted.includes(host)) : allowed
}

function keyOf({ id, show }: { readonly id: string; readonly show: Show }): string {
  const group = groupOf(show)
  return group === "alone" ? `alone ${id}` : group
}
