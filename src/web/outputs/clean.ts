/**
 * HTML that others wrote, made harmless: a short list of elements that only arrange text, a shorter one of attributes. No style,
 * no class but a few of ours, no form, nothing that loads; ids stand in a corner of their own. It comes back as nodes.
 */
import type { Config } from "dompurify"
import { purifier, trustedTypes } from "#web/outputs/trusted.ts"

// biome-ignore format: a list
const TAGS = [
  "h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "div", "span", "center", "blockquote", "pre", "code", "kbd", "samp", "var", "tt",
  "em", "strong", "b", "i", "u", "s", "del", "ins", "mark", "small", "big", "sub", "sup", "q", "cite", "abbr", "dfn", "time", "bdi", "bdo", "wbr",
  "a", "img", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td",
  "figure", "figcaption", "details", "summary", "ruby", "rt", "rp", "section", "article", "header", "footer", "nav", "aside", "main",
]
// biome-ignore format: a list
const ATTRIBUTES = ["id", "name", "dir", "lang", "title", "align", "valign", "class", "href", "src", "alt", "width", "height", "colspan", "rowspan",
  "scope", "span", "start", "reversed", "type", "value", "open", "datetime", "style"]

const CONFIG: Config & { RETURN_DOM_FRAGMENT: true } = {
  ALLOWED_TAGS: TAGS,
  ALLOWED_ATTR: ATTRIBUTES,
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

/** Nodes of this document, ready to be put into the page. */
export function clean(dirty: string, { picture }: CleanOptions): DocumentFragment {
  const policy = trustedTypes()
  const fragment = purifier().sanitize(dirty, { ...CONFIG, ...(policy ? { TRUSTED_TYPES_POLICY: policy } : {}) } as typeof CONFIG)
  for (const element of fragment.querySelectorAll("*")) settle(element)
  for (const image of fragment.querySelectorAll("img")) {
    const said = (name: string): string => image.getAttribute(name) ?? ""
    image.replaceWith(picture({ source: said("src"), alt: said("alt"), title: said("title"), width: said("width") }))
  }
  return fragment
}

function settle(element: Element): void {
  const style = element.getAttribute("style") ?? ""
  for (const { name, value } of [...element.attributes]) {
    const kept = attribute(element.localName, name, value)
    if (kept === undefined || (name === "name" && kept !== undefined)) element.removeAttribute(name)
    if (kept !== undefined) element.setAttribute(kept[0], kept[1])
  }
  const side = /^\s*text-align\s*:\s*(left|right|center)\s*;?\s*$/i.exec(style)?.[1]
  if (side) element.setAttribute("align", side.toLowerCase())
  if (element.localName === "a" && /^(?:https?:|\/\/)/i.test(element.getAttribute("href") ?? "")) {
    element.setAttribute("target", "_blank")
    element.setAttribute("rel", "noopener noreferrer nofollow")
  }
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
    case "style":
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
