/**
 * The frames of one view, on a layer over it. A frame is never moved in the document, which would load it anew: it is laid over the
 * place that its output keeps. Outputs that need each other share one frame that covers the whole layer and is cut to their places,
 * so that it shows nothing, and takes no click, anywhere else.
 */
import type { Place, Said, Show, Told } from "#web/outputs/frame/messages.ts"
import type { SessionComm } from "#web/outputs/session-comm.ts"
import { allowedHosts } from "#web/outputs/stage/allowed.ts"
import { type Group, groupOf, hostsIn } from "#web/outputs/stage/grouping.ts"
import { type LibraryPlace, libraryText } from "#web/outputs/stage/libraries.ts"
import { OutputFrame } from "#web/outputs/stage/output-frame.ts"
import { themeOf } from "#web/outputs/stage/theme.ts"

/** Frames that hold one output each, alive at a time; those out of view longest give way, and their place stays. */
const MOST_ALONE = 12

export type Heard =
  | { readonly heard: "height"; readonly height: number }
  | { readonly heard: "failed"; readonly message: string }
  | { readonly heard: "wants"; readonly host: string }
  | { readonly heard: "link"; readonly address: string }
  | { readonly heard: "left"; readonly way: "forward" | "back" | "out" }

export type Slot = {
  /** The same for the same output of the same cell, another when it is replaced. */
  readonly id: string
  readonly cell: string
  readonly show: Show
  readonly element: HTMLElement
  readonly hear: (heard: Heard) => void
}

type Output = { readonly id: string; readonly cell: string; readonly show: Show; slot: Slot | undefined; seenAt: number; place: string }
type Held = { readonly frame: OutputFrame; readonly group: Group; readonly outputs: Map<string, Output>; readonly hosts: readonly string[] }

export type Early = { readonly id: string; readonly cell: string; readonly show: Show }

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
  /** Outputs of the whole view whose scripts may be needed by later ones, in their order. */
  early: readonly Early[] = []

  constructor(layer: HTMLElement) {
    this.#layer = layer
    this.#watch = new ResizeObserver(() => this.measure())
    this.#changes = new MutationObserver((changes) => changes.some(({ target }) => !layer.contains(target)) && this.measure())
    this.#watch.observe(layer)
    if (layer.parentElement)
      this.#changes.observe(layer.parentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["style", "class", "open"] })
    addEventListener("resize", this.measure)
    addEventListener("scroll", this.#scrolled, { capture: true, passive: true })
  }

  close(): void {
    removeEventListener("resize", this.measure)
    removeEventListener("scroll", this.#scrolled, { capture: true })
    this.#watch.disconnect()
    this.#changes.disconnect()
    this.#comm?.end()
    this.#comm = undefined
    cancelAnimationFrame(this.#measuring)
    this.#measuring = 0
    for (const held of this.#frames.values()) held.frame.close()
    this.#frames.clear()
  }

  /** Lays the output over its place; gives back what parks it, alive but out of sight. */
  put(slot: Slot): () => void {
    const key = keyOf(slot)
    const held = this.#frames.get(key) ?? this.#open(key, groupOf(slot.show), slot)
    if (held.group === "together") this.#showEarly(held, slot)
    const output = held.outputs.get(slot.id) ?? this.#show(held, slot)
    output.slot = slot
    this.#watch.observe(slot.element)
    this.measure()
    this.#thin()
    return () => {
      this.#watch.unobserve(slot.element)
      if (output.slot !== slot) return
      output.slot = undefined
      output.seenAt = performance.now()
      this.measure()
    }
  }

  /** What this cell shows now: whatever else it showed before is taken away. */
  keep(cell: string, ids: readonly string[]): void {
    for (const [key, held] of this.#frames)
      for (const output of held.outputs.values())
        if (output.cell === cell && !ids.includes(output.id)) {
          held.outputs.delete(output.id)
          if (held.group === "alone") this.#close(key)
          else held.frame.tell({ do: "drop", id: output.id })
        }
  }

  /** The reader allowed more hosts, or something went wrong: frames that this output stands in begin anew. */
  renew(slot: Slot): void {
    const key = keyOf(slot)
    const held = this.#frames.get(key)
    if (!held) return
    const outputs = [...held.outputs.values()]
    this.#close(key)
    for (const output of outputs) {
      const again = this.#frames.get(key) ?? this.#open(key, held.group, output)
      this.#show(again, output).slot = output.slot
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
    const wanted = hostsIn(show)
    const allowed = allowedHosts()
    const hosts = group === "alone" ? allowed.filter((host) => wanted.length === 0 || wanted.includes(host)) : allowed
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
    const held: Held = { frame, group, outputs, hosts }
    this.#frames.set(key, held)
    frame.tell(themeOf())
    if (group === "widgets") {
      frame.bring("widgets")
      this.#tellWidgets()
      this.#tellOpened()
    }
    return held
  }

  #show(held: Held, { id, cell, show }: Early): Output {
    const output: Output = { id, cell, show, slot: undefined, seenAt: performance.now(), place: "" }
    held.outputs.set(id, output)
    if (show.renderer === "vega") held.frame.bring("vega")
    if (show.renderer === "plotly") held.frame.bring("plotly")
    const width = Math.round(this.#layer.getBoundingClientRect().width)
    held.frame.tell({ do: "place", places: [{ id, x: 0, y: 0, width, isShown: false }] })
    held.frame.tell({ do: "show", id, show })
    return output
  }

  /** Scripts run in the order of the notebook, wherever the reader begins to read. */
  #showEarly(held: Held, slot: Slot): void {
    for (const early of this.early) {
      if (early.id === slot.id) return
      if (!held.outputs.has(early.id) && keyOf(early) === "together") this.#show(held, early)
    }
  }

  #hear(held: Held, said: Said): void {
    if (said.say === "library") return this.#answer(held, said)
    if (said.say === "comm") return this.#send(held, said)
    if (said.say === "ready") return
    const ids = said.id === "" ? [...held.outputs.keys()].slice(-1) : [said.id]
    for (const id of ids) {
      const slot = held.outputs.get(id)?.slot
      if (said.say === "size") slot?.hear({ heard: "height", height: said.height })
      else if (said.say === "failed") slot?.hear({ heard: "failed", message: said.message })
      else if (said.say === "wants") slot?.hear({ heard: "wants", host: said.host })
      else if (said.say === "link") slot?.hear({ heard: "link", address: said.address })
      else slot?.hear({ heard: "left", way: said.way })
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
    const parked = [...this.#frames].filter(([, { group, outputs }]) => group === "alone" && [...outputs.values()].every(({ slot }) => !slot))
    const alone = [...this.#frames.values()].filter(({ group }) => group === "alone").length
    const seenAt = ([, { outputs }]: readonly [string, Held]): number => Math.max(...[...outputs.values()].map((output) => output.seenAt))
    const giveWay = parked.sort((a, b) => seenAt(a) - seenAt(b)).slice(0, Math.max(0, alone - MOST_ALONE))
    for (const [key] of giveWay) this.#close(key)
  }

  #close(key: string): void {
    this.#frames.get(key)?.frame.close()
    this.#frames.delete(key)
  }
}

function keyOf({ id, show }: { readonly id: string; readonly show: Show }): string {
  const group = groupOf(show)
  return group === "alone" ? `alone ${id}` : group
}

type Laid = {
  readonly output: Output
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly isShown: boolean
  readonly window: Window | undefined
}

function placeOf(output: Output, ground: DOMRect, layer: Element): Laid {
  const element = output.slot?.element
  if (!element?.isConnected) return { output, x: 0, y: 0, width: 0, height: 0, isShown: false, window: undefined }
  const box = element.getBoundingClientRect()
  const { left, top, width, height } = box
  const isShown = width > 0
  const window = windowOf(element, box, layer)
  return {
    output,
    x: Math.round(left - ground.left),
    y: Math.round(top - ground.top),
    width: Math.round(width),
    height: Math.round(height),
    isShown,
    window,
  }
}

/** What is to be seen of a place in a box that scrolls, relative to the place itself; undefined where all of it is. */
function windowOf(element: Element, box: DOMRect, layer: Element): Window | undefined {
  let [top, bottom] = [box.top, box.bottom]
  for (let at = element.parentElement; at && !at.contains(layer); at = at.parentElement) {
    if (at.scrollHeight <= at.clientHeight || !/auto|scroll|hidden|clip/.test(getComputedStyle(at).overflowY)) continue
    const frame = at.getBoundingClientRect()
    top = Math.max(top, frame.top)
    bottom = Math.min(bottom, frame.bottom)
  }
  return top === box.top && bottom === box.bottom ? undefined : { from: Math.round(top - box.top), to: Math.round(Math.max(top, bottom) - box.top) }
}

type Window = { readonly from: number; readonly to: number }

function layAlone({ style }: HTMLElement, laid: Laid | undefined): void {
  const isShown = laid?.isShown === true
  style.visibility = isShown ? "visible" : "hidden"
  if (!laid || !isShown) {
    style.height = "0"
    return
  }
  style.transform = `translate(${laid.x}px, ${laid.y}px)`
  style.width = `${laid.width}px`
  style.height = `${laid.height}px`
  style.clipPath = laid.window ? `inset(${laid.window.from}px 0 ${Math.max(0, laid.height - laid.window.to)}px 0)` : ""
}

// It is cut to nothing rather than hidden: what is hidden is not drawn, and never says how tall it is.
function layShared({ style }: HTMLElement, places: readonly Laid[]): void {
  const shown = places.filter(({ isShown, height }) => isShown && height > 0)
  style.width = "100%"
  style.height = "100%"
  const cut = shown
    .map(({ x, y, width, height, window: { from, to } = { from: 0, to: height } }) => `M${x} ${y + from}h${width}v${to - from}h${-width}z`)
    .join("")
  style.clipPath = `path("${cut || "M0 0h1v1h-1z"}")`
}
