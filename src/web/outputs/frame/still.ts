/**
 * An output as a picture that stands still, for paper: a page breaks wherever it likes, and no frame can follow it there. A drawing in
 * SVG of everything with the style it has, so that it stays sharp; shown as a picture it can do nothing.
 */

const HTML = "http://www.w3.org/1999/xhtml"
/** Copying costs about a millisecond for every element with its four hundred properties, on a slow machine. */
const MOST_ELEMENTS = 5000
const LEFT_OUT = new Set(["script", "style", "link", "meta", "noscript", "template", "iframe", "video", "audio", "object", "embed"])
/** Said twice, or without a meaning on paper. */
const IDLE = /^(?:inline-size|block-size|perspective-origin|animation|transition|cursor|pointer-events|will-change)|-(?:block|inline)(?:-|$)/
const INHERITED =
  /^(?:color|font|line-height|letter-|word-|white-space|text-(?!decoration)|visibility|fill|stroke|list-style|border-(?:collapse|spacing)|direction|quotes|tab-size|overflow-wrap|writing-mode|caption-|empty-cells|dominant-|paint-order|clip-rule|marker|hyphens)/
const NAME = /^[a-z_][\w.-]*$/i

type Styles = (element: Element, parent: CSSStyleDeclaration | undefined, style: CSSStyleDeclaration) => string

/** The text of a drawing; undefined for an output that shows nothing, or far too much. */
export function stillOf(output: HTMLElement): string | undefined {
  const { width, height } = output.getBoundingClientRect()
  if (width === 0 || height === 0) return undefined
  const page = document.implementation.createHTMLDocument("")
  const plain = plainStyles()
  let count = 0
  let right = 0
  const copy = (node: Node, parent?: CSSStyleDeclaration): Node | undefined => {
    if (node instanceof Text) return page.createTextNode(node.data)
    if (!(node instanceof Element) || LEFT_OUT.has(node.localName) || ++count > MOST_ELEMENTS) return undefined
    const style = getComputedStyle(node)
    if (style.display === "none") return undefined
    const children = childrenOf(node)
    if (children.every((child) => !(child instanceof Element))) right = Math.max(right, node.getBoundingClientRect().right)
    const made = bare(node, page)
    made.setAttribute("style", plain.of(node, parent, style))
    if (made.localName !== "img") {
      const parts = [shade(node, "::before", page, style), ...children.map((child) => copy(child, style)), shade(node, "::after", page, style)]
      for (const part of parts) if (part) made.appendChild(part)
    }
    return made
  }
  const made = copy(output)
  plain.end()
  if (!(made instanceof Element) || count > MOST_ELEMENTS) return undefined
  const left = output.getBoundingClientRect().left
  // What is wider than its place is scrolled on a screen; on paper it is drawn smaller.
  const isWider = output.scrollWidth > Math.ceil(width)
  const wide = isWider ? output.scrollWidth : Math.ceil(Math.min(width, Math.max(right - left, 1)))
  const tall = Math.ceil(Math.max(height, output.scrollHeight))
  made.setAttribute("style", `${made.getAttribute("style")};transform:none;position:static;visibility:visible;overflow:visible;width:${width}px`)
  const text = new XMLSerializer().serializeToString(made).replace(UNSAYABLE, "")
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${tall}" viewBox="0 0 ${wide} ${tall}"><foreignObject width="${Math.max(width, wide)}" height="${tall}">${text}</foreignObject></svg>`
}

/** What XML has no way to write: control characters, and half of a pair. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is meant
const UNSAYABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

function childrenOf(element: Element): readonly Node[] {
  if (element.shadowRoot) return [...element.shadowRoot.childNodes]
  if (element instanceof HTMLSlotElement) {
    const given = element.assignedNodes({ flatten: true })
    if (given.length > 0) return given
  }
  return [...element.childNodes]
}

function bare(element: Element, page: Document): Element {
  const pixels = pixelsOf(element)
  if (pixels !== undefined) {
    const picture = page.createElement("img")
    picture.setAttribute("src", pixels)
    return picture
  }
  const made = page.createElementNS(element.namespaceURI ?? HTML, NAME.test(element.localName) ? element.localName : "span")
  for (const { name, value, namespaceURI } of element.attributes)
    if (/^xlink:/.test(name)) made.setAttributeNS(namespaceURI, name, value)
    else if (NAME.test(name) && !/^on/i.test(name)) made.setAttribute(name, value)
  // What was typed or chosen is no attribute.
  if (element instanceof HTMLInputElement) {
    made.setAttribute("value", element.value)
    made.toggleAttribute("checked", element.checked)
  }
  if (element instanceof HTMLOptionElement) made.toggleAttribute("selected", element.selected)
  return made
}

/** A picture loads nothing: its pixels are taken along. Undefined for what is none; empty where they may not be read. */
function pixelsOf(element: Element): string | undefined {
  try {
    if (element instanceof HTMLCanvasElement) return element.toDataURL()
    if (!(element instanceof HTMLImageElement)) return undefined
    if (element.src.startsWith("data:")) return element.src
    const canvas = document.createElement("canvas")
    canvas.width = element.naturalWidth
    canvas.height = element.naturalHeight
    canvas.getContext("2d")?.drawImage(element, 0, 0)
    return canvas.toDataURL()
  } catch {
    return ""
  }
}

/** What a style sheet puts before or after an element, where it is text. */
function shade(element: Element, which: "::before" | "::after", page: Document, parent: CSSStyleDeclaration): Element | undefined {
  const style = getComputedStyle(element, which)
  const text = /^"(.*)"$/s.exec(style.content)?.[1]
  if (text === undefined) return undefined
  const made = page.createElementNS(HTML, "span")
  made.setAttribute(
    "style",
    written(style, (name, value) => !INHERITED.test(name) || parent.getPropertyValue(name) !== value),
  )
  made.textContent = text
  return made
}

/** What differs from an element that nobody has styled; of what is inherited, also what differs from the parent's. */
function plainStyles(): { readonly of: Styles; readonly end: () => void } {
  const host = document.body.appendChild(document.createElement("div"))
  host.style.cssText = "all:initial;position:absolute;visibility:visible;width:0;height:0;overflow:hidden"
  const root = host.attachShadow({ mode: "open" })
  const known = new Map<string, ReadonlyMap<string, string>>()
  const plainOf = (element: Element): ReadonlyMap<string, string> => {
    const key = `${element.namespaceURI} ${element.localName}`
    const found = known.get(key)
    if (found) return found
    const plain = root.appendChild(document.createElementNS(element.namespaceURI, NAME.test(element.localName) ? element.localName : "span"))
    const style = getComputedStyle(plain)
    const values = new Map([...style].map((name) => [name, style.getPropertyValue(name)]))
    known.set(key, values)
    plain.remove()
    return values
  }
  return {
    of(element, parent, style) {
      const plain = plainOf(element)
      return written(style, (name, value) => value !== plain.get(name) || (INHERITED.test(name) && value !== parent?.getPropertyValue(name)))
    },
    end: () => host.remove(),
  }
}

function written(style: CSSStyleDeclaration, isWanted: (name: string, value: string) => boolean): string {
  const said: string[] = []
  for (const name of style) {
    if (IDLE.test(name)) continue
    const value = style.getPropertyValue(name)
    if (isWanted(name, value)) said.push(`${name}:${value}`)
  }
  return said.join(";")
}
