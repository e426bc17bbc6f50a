/** Runs the scripts of markup, in their order, and gives them what they would have loaded where the app has it. */
import { hostOf, importsOf } from "#web/outputs/frame/wanted.ts"
import type { FrameWorld } from "#web/outputs/frame/world.ts"

const CLASSIC = /^(?:|(?:text|application)\/(?:x-)?(?:java|ecma)script)$/i
// These only prepare connections or lead away; a policy would refuse them too, after the name was looked up.
const LOADERS =
  'link[rel~="dns-prefetch" i],link[rel~="preconnect" i],link[rel~="prefetch" i],link[rel~="preload" i],link[rel~="modulepreload" i],meta[http-equiv],base'

/** Puts markup into an element and runs its scripts one after another; a script that throws does not stop the next. */
export async function putMarkup(place: Element, html: string, world: FrameWorld): Promise<void> {
  const template = document.createElement("template")
  template.innerHTML = html
  for (const loader of template.content.querySelectorAll(LOADERS)) loader.remove()
  const scripts = [...template.content.querySelectorAll("script")]
  place.appendChild(template.content)
  for (const script of scripts) if (script.isConnected) await runInPlace(script, world)
}

async function runInPlace(old: HTMLScriptElement, world: FrameWorld): Promise<void> {
  const script = document.createElement("script")
  for (const { name, value } of old.attributes) if (name !== "nonce") script.setAttribute(name, value)
  script.text = old.text
  const source = script.getAttribute("src")
  if (source !== null) {
    const ended = new Promise<void>((done) => {
      script.addEventListener("load", () => done(), { once: true })
      script.addEventListener("error", () => done(), { once: true })
    })
    old.replaceWith(script)
    return ended
  }
  if (script.type === "module") {
    const ended = runModule(script, world)
    old.replaceWith(script)
    return ended
  }
  old.replaceWith(script)
}

/** Imports of libraries that the app has are led to them. */
async function runModule(script: HTMLScriptElement, world: FrameWorld): Promise<void> {
  const code = script.text
  script.text = ""
  script.type = "text/plain"
  const led = await withOwnImports(code, world)
  const running = document.createElement("script")
  running.type = "module"
  running.text = led
  const ended = new Promise<void>((done) => {
    running.addEventListener("load", () => done(), { once: true })
    running.addEventListener("error", () => done(), { once: true })
    setTimeout(done, 3000)
  })
  script.after(running)
  await ended
}

export async function withOwnImports(code: string, world: FrameWorld): Promise<string> {
  let led = code
  for (const address of importsOf(code)) {
    const text = await world.library(address).catch(() => undefined)
    if (text !== undefined) led = led.replaceAll(address, URL.createObjectURL(new Blob([text], { type: "text/javascript" })))
    else report(address, world)
  }
  return led
}

function report(address: string, world: FrameWorld): void {
  const host = hostOf(address)
  if (host && !world.isAllowed(host)) world.say({ say: "wants", id: "", host })
}

/**
 * A script with an address, however it is put into the document, first asks the app for its text. Only when there is none
 * does it load by itself, which the policy lets it do for hosts that the reader allowed.
 */
export function leadScripts(world: FrameWorld): void {
  // Scripts that are put in one after another run in that order, as they would from the network when they are not async.
  let last: Promise<unknown> = Promise.resolve()
  const leadStyle = (link: HTMLLinkElement): void => {
    const address = link.getAttribute("href") ?? ""
    if (!hostOf(address) || !link.relList.contains("stylesheet") || link.dataset["stetLed"] !== undefined) return
    link.dataset["stetLed"] = ""
    link.removeAttribute("href")
    void world.library(address).then(
      (text) => {
        link.href = URL.createObjectURL(new Blob([text], { type: "text/css" }))
      },
      () => {
        link.href = address
      },
    )
  }
  const lead = (node: unknown): void => {
    if (node instanceof HTMLLinkElement) return leadStyle(node)
    if (node instanceof DocumentFragment) for (const link of node.querySelectorAll("link")) leadStyle(link)
    if (!(node instanceof HTMLScriptElement)) return
    const address = node.getAttribute("src")
    if (address === null || node.dataset["stetLed"] !== undefined || !(CLASSIC.test(node.type) || node.type === "module")) return
    node.dataset["stetLed"] = ""
    const { type } = node
    if (type === "module" && !hostOf(address)) return
    node.type = "text/plain"
    node.removeAttribute("src")
    const again = (): void => {
      node.type = type
    }
    const before = last
    const asking = world.library(address)
    last = asking.catch(() => undefined).then(() => before)
    void before
      .then(() => asking)
      .then(
        (text) => {
          again()
          node.textContent = text
          if (type !== "module") node.dispatchEvent(new Event("load"))
        },
        () => {
          report(address, world)
          again()
          node.setAttribute("src", address)
        },
      )
  }
  const wrap = (owner: object, name: string): void => {
    const before = (owner as Record<string, (...given: unknown[]) => unknown>)[name]
    if (!before) return
    ;(owner as Record<string, unknown>)[name] = function (this: unknown, ...given: unknown[]) {
      for (const node of given) lead(node)
      return before.apply(this, given)
    }
  }
  leadSources(lead)
  for (const name of ["appendChild", "insertBefore", "replaceChild"]) wrap(Node.prototype, name)
  for (const name of ["append", "prepend", "before", "after", "replaceWith"]) wrap(Element.prototype, name)
  for (const name of ["append", "prepend"]) wrap(DocumentFragment.prototype, name)
}

/** Scripts that are in the document before they are given their address. */
function leadSources(lead: (node: unknown) => void): void {
  const source = Object.getOwnPropertyDescriptor(HTMLScriptElement.prototype, "src")
  if (!source?.set || !source.get) return
  const { get, set } = source
  Object.defineProperty(HTMLScriptElement.prototype, "src", {
    configurable: true,
    enumerable: true,
    get,
    set(this: HTMLScriptElement, address: string) {
      if (!this.isConnected) return set.call(this, address)
      // Out of the document it may have an address without asking anybody for it.
      const { parentNode, nextSibling } = this
      this.remove()
      set.call(this, address)
      lead(this)
      parentNode?.insertBefore(this, nextSibling)
    },
  })
}

/** `document.write` of a script writes behind that script, as it would have while a page is read. */
export function tameWriting(world: FrameWorld): void {
  const write = (...texts: unknown[]): void => {
    const script = document.currentScript
    const place = document.createElement("div")
    if (script?.parentElement) script.after(place)
    else document.body.append(place)
    void putMarkup(place, texts.map(String).join(""), world)
  }
  document.write = write
  document.writeln = write
  document.open = () => document as never
  document.close = () => undefined
}
