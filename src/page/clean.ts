/**
 * HTML that others wrote, made harmless: a short list of elements that only arrange text, a shorter one of attributes.
 * No style but what said-style.ts keeps of it, no class of theirs, no name or id that could be taken for one of ours, no form, nothing that loads.
 *
 * A picture that is not in the document is never fetched: its place is taken by its description and its address.
 */
import sanitizeHtml from "sanitize-html"
import { html, type Markup, trusted } from "#page/markup.ts"
import { picture, type Raster, rasterOfUri } from "#page/raster.ts"
import { colour, saidStyle } from "#page/said-style.ts"

// biome-ignore format: a list
const TAGS = [
  "h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "div", "span", "center", "blockquote", "pre", "code", "kbd", "samp", "var", "tt",
  "em", "strong", "b", "i", "u", "s", "del", "ins", "mark", "small", "big", "sub", "sup", "q", "cite", "abbr", "dfn", "time", "bdi", "bdo", "wbr",
  "a", "img", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td",
  "figure", "figcaption", "details", "summary", "ruby", "rt", "rp", "section", "article", "header", "footer", "nav", "aside", "main", "font", "stet-part",
]

const ATTRIBUTES: Record<string, string[]> = {
  "*": ["id", "dir", "lang", "title", "align", "class", "style"],
  a: ["href", "target", "rel"],
  td: ["colspan", "rowspan", "valign"],
  th: ["colspan", "rowspan", "valign", "scope"],
  tr: ["valign"],
  col: ["span"],
  colgroup: ["span"],
  ol: ["start", "reversed", "type"],
  li: ["value"],
  details: ["open"],
  time: ["datetime"],
  "stet-part": ["data-part"],
}

/** Elements whose content is not text for readers: it goes with them. */
// biome-ignore format: a list
const CONTENT_TOO = ["script", "style", "textarea", "option", "select", "noscript", "iframe", "frame", "object", "embed", "applet", "svg", "math",
  "template", "title", "xmp", "noembed", "noframes", "plaintext", "audio", "video", "canvas", "form", "button", "input", "portal", "fencedframe"]

type Attributes = Record<string, string>
type Tag = { readonly tagName: string; readonly attribs: Attributes }

export type CleanOptions = {
  /** Finds the picture behind an address that is neither data nor network, such as `attachment:x.png`. */
  readonly find?: (source: string) => Raster | undefined
  /** Markup of our own that stands where `<stet-part data-part="n">` is. */
  readonly parts?: Markup[]
}

/** The markup of a markdown cell's HTML: what is not allowed is left out, its text stays. */
export function clean(dirty: string, options: CleanOptions = {}): Markup {
  const parts = options.parts ?? []
  const markup = sanitizeHtml(dirty, {
    allowedTags: TAGS,
    allowedAttributes: ATTRIBUTES,
    nonTextTags: CONTENT_TOO,
    allowedSchemes: ["http", "https", "mailto"],
    parseStyleAttributes: false,
    enforceHtmlBoundary: false,
    nestingLimit: 200,
    transformTags: { "*": (tagName, attribs) => settle({ tagName, attribs }, parts, options) },
  })
  return placed(markup, parts)
}

// The sanitiser escapes `<` and `"` in text and attributes alike, so these exact letters can only be an element of its own making.
function placed(markup: string, parts: readonly Markup[]): Markup {
  return trusted(
    markup
      .replace(/<stet-part data-part="(\d+)"><\/stet-part>/g, (_, index: string) => parts[Number(index)]?.markup ?? "")
      .replace(/<\/?stet-part[^>]*>/g, ""),
  )
}

/** Keeps a piece of our own markup out of the sanitiser's reach; gives what stands in its place meanwhile. */
export function part(parts: Markup[], markup: Markup): string {
  parts.push(markup)
  return `<stet-part data-part="${parts.length - 1}"></stet-part>`
}

function settle(tag: Tag, parts: Markup[], options: CleanOptions): Tag {
  if (tag.tagName === "img") return standIn(tag.attribs, parts, options)
  const attribs: Attributes = {}
  for (const [name, value] of Object.entries(tag.attribs)) {
    const kept = attribute(tag.tagName, name, value)
    if (kept !== undefined) attribs[kept[0]] = kept[1]
  }
  Object.assign(attribs, styled(tag, attribs["class"]))
  if (tag.tagName === "a" && /^(https?:|\/\/)/i.test(attribs["href"] ?? ""))
    Object.assign(attribs, { target: "_blank", rel: "noopener noreferrer nofollow" })
  return { tagName: tag.tagName === "font" ? "span" : tag.tagName, attribs }
}

/** The style that the author gave it, as attributes of ours. */
function styled({ tagName, attribs }: Tag, ownClass = ""): Attributes {
  const said = saidStyle(attribs["style"] ?? "")
  const ink = said.ink ?? (tagName === "font" ? colour(attribs["color"]) : undefined)
  const classes = [ownClass, said.ground && "ground", said.float && `float-${said.float}`, said.isCleared && "cleared"].filter(Boolean)
  const values = [ink && `--f:${ink}`, said.ground && `--g:${said.ground}`].filter(Boolean)
  return {
    ...(said.align ? { align: said.align } : {}),
    ...(classes.length > 0 ? { class: classes.join(" ") } : {}),
    ...(values.length > 0 ? { style: values.join(";") } : {}),
  }
}

/** The attribute as it may stand in the page; undefined drops it. */
function attribute(tag: string, name: string, value: string): readonly [string, string] | undefined {
  if (name === "id" || (name === "name" && tag === "a")) return ["id", anchor(value)]
  if (name === "href") return href(value)
  if (name === "class") return noticeClass(value)
  if (name === "dir") return ["auto", "ltr", "rtl"].includes(value.toLowerCase()) ? ["dir", value.toLowerCase()] : undefined
  if (name === "align" || name === "valign") return /^[a-z]{3,8}$/i.test(value) ? [name, value.toLowerCase()] : undefined
  if (["colspan", "rowspan", "span", "start", "value"].includes(name)) return /^-?\d{1,4}$/.test(value) ? [name, value] : undefined
  if (name === "style") return undefined
  if (name === "data-part") return /^\d{1,9}$/.test(value) ? [name, value] : undefined
  return name === "target" || name === "rel" ? undefined : [name, value]
}

function href(value: string): readonly [string, string] | undefined {
  if (value.startsWith("#")) return ["href", `#${anchor(decoded(value.slice(1)))}`]
  return /^attachment:/i.test(value) ? undefined : ["href", value]
}

/** An id of the author's, in a corner of its own: none of the page's ids begins so. Letter case and blanks do not count. */
export function anchor(name: string): string {
  return `user-${name.trim().toLowerCase().replace(/\s+/g, "-")}`
}

/** The notices of classic notebooks (`<div class="alert alert-info">`) and R's inline lists are the only classes that survive. */
function noticeClass(value: string): readonly [string, string] | undefined {
  const kind = /\balert-(info|success|warning|danger)\b/.exec(value)?.[1]
  if (kind) return ["class", `notice notice-${kind}`]
  const inline = /\b(list|dl)-inline\b/.exec(value)?.[1]
  return inline ? ["class", `inline-${inline}`] : undefined
}

function standIn(attribs: Attributes, parts: Markup[], options: CleanOptions): Tag {
  const source = attribs["src"] ?? ""
  const found = rasterOfUri(source) ?? options.find?.(source)
  const markup = found
    ? picture(found, { alt: attribs["alt"] ?? "", title: attribs["title"] ?? "", width: attribs["width"] ?? "" })
    : missing(source, attribs["alt"] ?? "")
  const side = saidStyle(attribs["style"] ?? "").float ?? attribs["align"]?.toLowerCase()
  parts.push(side === "left" || side === "right" ? html`<span class="float-${side}">${markup}</span>` : markup)
  return { tagName: "stet-part", attribs: { "data-part": String(parts.length - 1) } }
}

/** What stands where a picture would have to be fetched. */
function missing(source: string, alt: string): Markup {
  const address = source.startsWith("data:") ? "unsupported picture" : source
  const shown = alt.trim() || decoded(address.split(/[?#]/)[0]!.split("/").at(-1) ?? "") || "picture"
  const hint = `Not shown: opening this page loads nothing. ${address.slice(0, 500)}`
  const link = /^(https?:)?\/\//i.test(source)
  const label = html`<span class="picture-name">${shown.slice(0, 200)}</span>`
  return link
    ? html`<a class="missing-picture" href="${source}" target="_blank" rel="noopener noreferrer nofollow" title="${hint}">${label}</a>`
    : html`<span class="missing-picture" title="${hint}">${label}</span>`
}

export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

// What data frames of pandas, polars and R bring along to style themselves; the page styles their tables its own way.
const KNOWN_STYLE =
  /<style(?: scoped(?:="")?| type="text\/css")?>\s*((?:\s*(?:\.dataframe|\.list-inline|\.dl-inline)[^{}<]*\{[^{}<]*\})+)\s*<\/style>/g
const KNOWN_DECLARATIONS =
  /^(?:\s*(?:vertical-align|text-align|white-space|list-style|margin|padding|display|content|border|font-size|text-transform|width|float|padding-(?:left|right))\s*:[^;{}]*;?)*\s*$/

/**
 * The same HTML, safe to stand in the page itself, when nothing of it would be lost by that: plain tables and text.
 * Undefined when it has styles, scripts, ids or anything else that only a frame can show truly.
 */
export function still(source: string): Markup | undefined {
  const bare = source.replace(KNOWN_STYLE, (block, rules: string) =>
    [...rules.matchAll(/\{([^{}]*)\}/g)].every((rule) => KNOWN_DECLARATIONS.test(rule[1]!)) ? "" : block,
  )
  if (/<(?:style|script|svg|iframe|input|button|form|video|audio|canvas|object|embed|link|meta|math)\b/i.test(bare)) return undefined
  let lossless = true
  const parts: Markup[] = []
  const markup = sanitizeHtml(bare, {
    allowedTags: TAGS,
    allowedAttributes: ATTRIBUTES,
    allowedSchemes: ["http", "https", "mailto"],
    parseStyleAttributes: false,
    nestingLimit: 200,
    transformTags: {
      "*": (tagName, attribs) => {
        lossless &&=
          TAGS.includes(tagName) && tagName !== "stet-part" && Object.entries(attribs).every(([name, value]) => survives(tagName, name, value))
        return settle({ tagName, attribs }, parts, {})
      },
    },
  })
  return lossless ? placed(markup, parts) : undefined
}

const ALIGNED = /^\s*text-align\s*:\s*(left|right|center)\s*;?\s*$/i

function survives(tag: string, name: string, value: string): boolean {
  if (name === "style")
    return ALIGNED.test(value) || (tag === "div" && /^(?:\s*(?:max-(?:height|width)\s*:\s*\d+px|overflow\s*:\s*auto)\s*;?)*$/i.test(value))
  if (
    [
      "class",
      "border",
      "halign",
      "frame",
      "rules",
      "cellpadding",
      "cellspacing",
      "alt",
      "src",
      "width",
      "height",
      "target",
      "rel",
      "summary",
    ].includes(name)
  )
    return true
  if (name === "href") return /^(https?:|mailto:|(?![a-z][a-z0-9+.-]*:|\/\/))/i.test(value)
  return name !== "id" && name !== "name" && ((ATTRIBUTES["*"] ?? []).includes(name) || (ATTRIBUTES[tag] ?? []).includes(name))
}
