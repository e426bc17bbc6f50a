/**
 * HTML that others wrote, made harmless: a short list of elements that only arrange text, a shorter one of attributes. No style
 * but what said-style.ts keeps of it, no class but a few of ours, no form, nothing that loads; ids stand in a corner of their own. It comes
 * back as nodes.
 */
import type { Config } from "dompurify"
import { colour, saidStyle } from "#page/parts.ts"
import { purifier, trustedTypes } from "#web/outputs/trusted.ts"

/** The author's style under another name: the app's policy refuses every style that is written in HTML, and reports each. */
const SAID = "data-said"

// biome-ignore format: a list
const TAGS = [
  "h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "div", "span", "center", "blockquote", "pre", "code", "kbd", "samp", "var", "tt",
  "em", "strong", "b", "i", "u", "s", "del", "ins", "mark", "small", "big", "sub", "sup", "q", "cite", "abbr", "dfn", "time", "bdi", "bdo", "wbr",
  "a", "img", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td",
  "figure", "figcaption", "details", "summary", "ruby", "rt", "rp", "section", "article", "header", "footer", "nav", "aside", "main", "font",
]
// biome-ignore format: a list
const ATTRIBUTES = ["id", "name", "dir", "lang", "title", "align", "valign", "class", "href", "src", "alt", "width", "height", "colspan", "rowspan",
  "scope", "span", "start", "reversed", "type", "value", "open", "datetime", "color", SAID]

const CONFIG: Config & { RETURN_DOM_FRAGMENT: true } = {
  ALLOWED_TAGS: TAGS,
  ALLOWED_ATTR: ATTRIBUTES,
  // "color:red" is no address of a kind named color.
  ADD_URI_SAFE_ATTR: [SAID],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  // Addresses are looked at one by one below; this keeps anything that is not an address of these kinds out before.
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|attachment:|data:image\/(?:png|jpeg|gif|webp);base64,|#|[^a-z]|[a-z+.-]+(?:[^a-z+.\-:]|$))/i,
  SANITIZE_DOM: true,
  SANITIZE_NAMED_PROPS: false,
  FORBID_CONTENTS: [
    "script",
    "style",
    "textarea",
    "option",
    "select",
    "noscript",
    "iframe",
    "object",
    "embed",
    "svg",
    "math",
    "template",
    "title",
    "xmp",
    "form",
    "button",
    "audio",
    "video",
    "canvas",
  ],
  RETURN_DOM_FRAGMENT: true,
}

export type CleanOptions = {
  /** What stands in the place of a picture; the element itself is taken out. */
  readonly picture: (image: { readonly source: string; readonly alt: string; readonly title: string; readonly width: string }) => Node
}

const OPENING = /<[a-z][^<>]*>/gi

/** Nodes of this document, ready to be put into the page. */
export function clean(dirty: string, { picture }: CleanOptions): DocumentFragment {
  const policy = trustedTypes()
  const fragment = purifier().sanitize(dirty.replace(OPENING, styleSaid), {
    ...CONFIG,
    ...(policy ? { TRUSTED_TYPES_POLICY: policy } : {}),
  } as typeof CONFIG)
  for (const element of fragment.querySelectorAll<HTMLElement>("*")) settle(element)
  for (const image of fragment.querySelectorAll("img")) {
    const said = (name: string): string => image.getAttribute(name) ?? ""
    const node = picture({ source: said("src"), alt: said("alt"), title: said("title"), width: said("width") })
    image.replaceWith(beside(node, image))
  }
  return fragment
}

function styleSaid(tag: string): string {
  return tag.replace(/(\s)style(\s*=)/gi, `$1${SAID}$2`)
}

/** Pictures are put to a side by either of two attributes. */
function beside(node: Node, image: Element): Node {
  const side = image.className || `stet-float-${image.getAttribute("align")}`
  if (!/^stet-float-(?:left|right)$/.test(side)) return node
  const place = document.createElement("span")
  place.className = side
  place.append(node)
  return place
}

function settle(element: HTMLElement): void {
  const style = saidStyle(element.getAttribute(SAID) ?? "")
  const ink = style.ink ?? (element.localName === "font" ? colour(element.getAttribute("color") ?? "") : undefined)
  for (const { name, value } of [...element.attributes]) {
    const kept = attribute(element.localName, name, value)
    if (kept === undefined || (name === "name" && kept !== undefined)) element.removeAttribute(name)
    if (kept !== undefined) element.setAttribute(kept[0], kept[1])
  }
  if (style.align) element.setAttribute("align", style.align)
  if (style.float) element.classList.add(`stet-float-${style.float}`)
  if (style.isCleared) element.classList.add("stet-cleared")
  if (ink) colourIn(element, "ink", ink)
  if (style.ground) colourIn(element, "ground", style.ground)
  if (element.localName === "a" && /^(?:https?:|\/\/)/i.test(element.getAttribute("href") ?? "")) {
    element.setAttribute("target", "_blank")
    element.setAttribute("rel", "noopener noreferrer nofollow")
  }
}

function colourIn(element: HTMLElement, what: "ink" | "ground", value: string): void {
  element.classList.add(`stet-${what}`)
  element.style.setProperty(what === "ink" ? "--fore" : "--ground", value)
}

/** The attribute as it may stand in the page; undefined drops it. */
function attribute(tag: string, name: string, value: string): readonly [string, string] | undefined {
  switch (name) {
    case "id":
      return ["id", anchor(value)]
    case "name":
      return tag === "a" ? ["id", anchor(value)] : undefined
    case "href":
      return tag === "a" ? href(value) : undefined
    case "src":
    case "alt":
    case "width":
      return tag === "img" ? [name, value] : undefined
    case "class":
      return ownClass(value)
    case "dir":
      return ["auto", "ltr", "rtl"].includes(value.toLowerCase()) ? ["dir", value.toLowerCase()] : undefined
    case "align":
    case "valign":
      return /^[a-z]{3,8}$/i.test(value) ? [name, value.toLowerCase()] : undefined
    case "colspan":
    case "rowspan":
    case "span":
    case "start":
    case "value":
      return /^-?\d{1,4}$/.test(value) ? [name, value] : undefined
    case SAID:
    case "color":
    case "height":
    case "type":
      return undefined
    default:
      return [name, value]
  }
}

function href(value: string): readonly [string, string] | undefined {
  const bare = value.trim()
  if (bare.startsWith("#")) return ["href", `#${anchor(decoded(bare.slice(1)))}`]
  return /^attachment:|^data:/i.test(bare) ? undefined : ["href", bare]
}

/** An id of the author's, in a corner of its own: none of the app's ids begins so. Letter case and blanks do not count. */
function anchor(name: string): string {
  return `user-${name.trim().toLowerCase().replace(/\s+/g, "-")}`
}

/** Marks of our own that the markdown renderer makes, and the notices of classic notebooks. */
function ownClass(value: string): readonly [string, string] | undefined {
  const kind = /\balert-(info|success|warning|danger)\b/.exec(value)?.[1]
  if (kind) return ["class", `stet-notice stet-${kind}`]
  const language = /^language-([\w+#-]{1,30})$/.exec(value)?.[1]
  return language ? ["class", `language-${language}`] : undefined
}

export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
