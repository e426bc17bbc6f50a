/**
 * Runs in a frame, before anything of others does. It is handed the frame's one port and keeps it to itself; outputs are put where
 * the app says, and how tall they are is told.
 */
import { Amd } from "#web/outputs/frame/amd.ts"
import { calm } from "#web/outputs/frame/calm.ts"
import { draw } from "#web/outputs/frame/draw.ts"
import { focusIn, listenToKeys } from "#web/outputs/frame/focus.ts"
import type { PartName, Place, Said, Show, Told } from "#web/outputs/frame/messages.ts"
import { leadScripts, tameWriting } from "#web/outputs/frame/scripts.ts"
import { stillOf } from "#web/outputs/frame/still.ts"
import { hostOf } from "#web/outputs/frame/wanted.ts"
import { openWidgets, type Widgets } from "#web/outputs/frame/widgets.ts"
import type { Drawn, FrameWorld } from "#web/outputs/frame/world.ts"

type Waiting = { readonly done: (text: string) => void; readonly failed: (error: Error) => void }
type Shown = { readonly element: HTMLElement; undo: Drawn; height: number; isDrawn: boolean }

/** `hosts`: what the reader let this frame ask. */
export function start(port: MessagePort, hosts: readonly string[]): void {
  const post = port.postMessage.bind(port)
  const say = (said: Said): void => post(said)
  const parts = openParts()
  const libraries = openLibraries(say)
  const runScript = (code: string, place: Element = document.head): HTMLScriptElement => {
    const script = document.createElement("script")
    script.text = code
    place.appendChild(script)
    script.remove()
    return script
  }
  const amd = new Amd({
    fetchText: (name, address) => libraries.get(address ? `${address}|${name}` : name),
    run: (code) => runScript(code),
  })
  const world: FrameWorld = {
    amd,
    say,
    part: parts.get,
    library: libraries.get,
    isAllowed: (host) => hosts.includes(host),
    runScript,
    isDark: () => document.documentElement.dataset["stetDark"] === "true",
  }
  takeAway()
  Object.assign(globalThis, { require: amd.require, requirejs: amd.require, define: amd.define })
  leadScripts(world)
  tameWriting(world)
  const outputs = openOutputs(world, libraries.areComing)
  tellWhatIsBlocked(world, outputs.idOf)
  leadLinks(world, outputs.idOf)
  listenToKeys(world, outputs.idOf)
  port.onmessage = (event) => {
    const told = event.data as Told
    if (told.do === "part") parts.put(told.name, () => runPart(told.name, told.libraries, world))
    else if (told.do === "library") libraries.put(told)
    else if (told.do === "theme") dress(told)
    else outputs.tell(told)
  }
  say({ say: "ready" })
}

/** A policy does not know WebRTC, and a frame has no use for these. */
function takeAway(): void {
  for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "RTCIceGatherer", "WebTransport", "SharedWorker"])
    Object.defineProperty(globalThis, name, { value: undefined, configurable: false, writable: false })
}

function runPart(name: PartName, libraries: readonly string[], world: FrameWorld): void {
  for (const code of libraries) {
    if (name === "widgets") world.amd.run(code)
    else world.runScript(code)
  }
  const globals = globalThis as unknown as Readonly<Record<string, unknown>>
  if (name === "plotly") world.amd.put("plotly", globals["Plotly"])
  if (name === "vega") {
    world.amd.put("vega", globals["vega"])
    world.amd.put("vega-lite", globals["vegaLite"])
    world.amd.put("vega-embed", globals["vegaEmbed"])
  }
}

function openParts(): { readonly get: (name: PartName) => Promise<void>; readonly put: (name: PartName, run: () => void) => void } {
  const known = new Map<PartName, { readonly promise: Promise<void>; readonly done: () => void }>()
  const of = (name: PartName) => {
    const found = known.get(name)
    if (found) return found
    let done = (): void => undefined
    const promise = new Promise<void>((resolve) => {
      done = resolve
    })
    const made = { promise, done }
    known.set(name, made)
    return made
  }
  return {
    get: (name) => of(name).promise,
    put: (name, run) => {
      run()
      of(name).done()
    },
  }
}

function openLibraries(say: (said: Said) => void): {
  readonly get: (wanted: string) => Promise<string>
  readonly put: (told: Extract<Told, { do: "library" }>) => void
  readonly areComing: () => boolean
} {
  const waiting = new Map<number, Waiting>()
  const known = new Map<string, Promise<string>>()
  let next = 0
  return {
    get(wanted) {
      const found = known.get(wanted)
      if (found) return found
      const request = next++
      const asking = new Promise<string>((done, failed) => waiting.set(request, { done, failed }))
      known.set(wanted, asking)
      asking.catch(() => known.delete(wanted))
      say({ say: "library", request, wanted: wanted.slice(0, 2000) })
      return asking
    },
    put({ request, text, problem }) {
      const one = waiting.get(request)
      waiting.delete(request)
      if (text !== undefined) one?.done(text)
      else one?.failed(new Error(problem ?? "it is not there"))
    },
    areComing: () => waiting.size > 0,
  }
}

function dress({ isDark, tokens }: Extract<Told, { do: "theme" }>): void {
  const root = document.documentElement
  root.dataset["stetDark"] = String(isDark)
  for (const [name, value] of Object.entries(tokens)) root.style.setProperty(name, value)
}

type Outputs = { readonly tell: (told: Told) => void; readonly idOf: (node: EventTarget | null) => string }

function openOutputs(world: FrameWorld, areLibrariesComing: () => boolean): Outputs {
  const shown = new Map<string, Shown>()
  let widgets: Widgets | undefined
  const widgetsOf = (): Widgets => {
    widgets ??= openWidgets(world)
    return widgets
  }
  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) tellSize((target as HTMLElement).dataset["stetOutput"] ?? "")
  })
  const tellSize = (id: string): void => {
    const one = shown.get(id)
    if (!one || one.element.style.display === "none") return
    plate(one.element)
    const height = Math.ceil(Math.max(one.element.getBoundingClientRect().height, one.element.scrollHeight))
    // Before it is drawn an output that is empty says nothing about how tall it will be.
    if (height === one.height || (height === 0 && !one.isDrawn)) return
    one.height = height
    world.say({ say: "size", id, height })
  }
  const elementOf = (id: string): HTMLElement => {
    const found = shown.get(id)
    if (found) return found.element
    const element = document.createElement("div")
    element.className = "stet-output"
    element.dataset["stetOutput"] = id
    document.body.append(element)
    shown.set(id, { element, undo: undefined, height: -1, isDrawn: false })
    sizes.observe(element)
    return element
  }
  const show = async (id: string, what: Show): Promise<void> => {
    const element = elementOf(id)
    element.dataset["stetKind"] = what.renderer
    try {
      const undo = what.renderer === "widget" ? await widgetsOf().show(element, what.model) : await draw(element, what, world)
      const one = shown.get(id)
      if (one) one.undo = undo
      else undo?.()
    } catch (error) {
      world.say({ say: "failed", id, message: error instanceof Error ? error.message : String(error) })
    }
    const one = shown.get(id)
    if (one) Object.assign(one, { height: -1, isDrawn: true })
    tellSize(id)
  }
  // All that are asked for at once wait together.
  let standing: Promise<void> | undefined
  const still = async (id: string): Promise<void> => {
    standing ??= calm(areLibrariesComing)
    await standing
    standing = undefined
    world.say({ say: "still", id, svg: stillOf(elementOf(id)) ?? "" })
  }
  const drop = (id: string): void => {
    const one = shown.get(id)
    shown.delete(id)
    if (one) sizes.unobserve(one.element)
    one?.undo?.()
    one?.element.remove()
  }
  return {
    tell(told) {
      if (told.do === "show") void show(told.id, told.show)
      else if (told.do === "drop") drop(told.id)
      else if (told.do === "place") for (const place of told.places) put(elementOf(place.id), place)
      else if (told.do === "still") void still(told.id)
      else if (told.do === "focus") focusIn(elementOf(told.id), told.isLast)
      else if (told.do === "widgets" || told.do === "comm") widgetsOf().tell(told)
    },
    idOf: (node) => (node instanceof Element ? ((node.closest("[data-stet-output]") as HTMLElement | null)?.dataset["stetOutput"] ?? "") : ""),
  }
}

/** What is drawn for white paper stands on some in the dark; what shows nothing needs none, and widgets know the dark. */
function plate(element: HTMLElement): void {
  const chart = element.querySelector(":scope > .stet-chart")
  const isBare = element.dataset["stetKind"] === "widget" || (element.offsetHeight === 0 && element.scrollHeight === 0)
  if (!isBare) (chart instanceof HTMLElement ? chart : element).dataset["stetPlate"] = ""
}

function put(element: HTMLElement, { x, y, width, isShown }: Place): void {
  const { style } = element
  style.transform = `translate(${x}px, ${y}px)`
  // A frame that holds one thing alone is as wide as that frame.
  style.width = width === 0 ? "100%" : `${width}px`
  style.visibility = isShown ? "visible" : "hidden"
}

function tellWhatIsBlocked(world: FrameWorld, idOf: Outputs["idOf"]): void {
  document.addEventListener("securitypolicyviolation", (event) => {
    const host = hostOf(event.blockedURI)
    if (host && !world.isAllowed(host)) world.say({ say: "wants", id: idOf(event.target), host })
  })
}

/** A frame opens nothing: the app shows where a link leads, and the reader decides. */
function leadLinks(world: FrameWorld, idOf: Outputs["idOf"]): void {
  document.addEventListener(
    "click",
    (event) => {
      const link = event.composedPath().find((at): at is Element => at instanceof Element && addressOf(at) !== null)
      const address = (link && addressOf(link)) ?? ""
      if (!link || address.startsWith("#") || link.hasAttribute("download")) return
      event.preventDefault()
      const { href } = link instanceof HTMLAnchorElement ? link : { href: address }
      if (/^(?:https?:|mailto:)/i.test(href)) world.say({ say: "link", id: idOf(link), address: href })
    },
    true,
  )
}

const XLINK = "http://www.w3.org/1999/xlink"
const MATHML = "http://www.w3.org/1998/Math/MathML"

/** Links of drawings, maps of pictures and formulas lead away as those of text do, and would take the frame along. */
function addressOf(element: Element): string | null {
  if (!["a", "area"].includes(element.localName) && element.namespaceURI !== MATHML) return null
  return element.getAttribute("href") ?? element.getAttributeNS(XLINK, "href")
}
