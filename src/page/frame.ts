/**
 * Active output (HTML with scripts or styles, SVG, JavaScript) lives in a frame of its own and nowhere else.
 *
 * What holds, and how it was found (Chromium 156, 62 ways to reach out, an HTTP, UDP and name-lookup listener beside it):
 *
 * - `sandbox="allow-scripts"` without `allow-same-origin` gives the frame an opaque origin: no cookies, no storage, no
 *   reach into the page, no pop-ups, no forms, no navigation of the page.
 * - A `srcdoc` frame *inherits* the page's content security policy on top of its own; a `data:` frame is refused by
 *   `frame-src 'none'`, which we want, since it also refuses that a frame navigates itself to an address (its only other
 *   way to make a request). So the page's policy must let the frame's scripts run. `'unsafe-inline'` would let
 *   anything run in the page as well, should the sanitiser ever be fooled; a nonce can be read by the frame's scripts
 *   (a violation report quotes the policy). So the policy names two scripts by their hash, and `'unsafe-eval'`:
 *   the page's own few lines, and BOOT, which stands first in every frame, ends at once anywhere else, and
 *   hands the frame's own scripts to the JavaScript engine one after another. A script smuggled into the page is
 *   neither of the two and does not run.
 * - Content security policy does not know WebRTC: BOOT takes its constructors away first. A frame inside the
 *   frame has an opaque origin of its own and runs only BOOT, so there is no fresh copy to be had.
 *
 * What remains: a hostile script in a frame can make Chromium *look up a name*, and open a connection that carries nothing: it
 * prepares for a navigation, a nested frame or a `<link rel=preconnect>` before it asks the policy, and an opaque origin
 * gets no `navigate` event to cancel. No request is sent and nothing comes back. Opening a page whose frames do not do that touches no
 * network at all.
 *
 * A server that sends this page must not send a `script-src` or `default-src` of its own, which would be inherited too.
 */

import { FRAME_STYLE } from "#page/frame-style.ts"
import { escaped, html, type Markup, trusted } from "#page/markup.ts"
import { BOOT, BOOT_HASH, KEEPER, KEEPER_HASH } from "#page/scripts.ts"

const LOADS_NOTHING = [
  "img-src data: blob:",
  "media-src data: blob:",
  "font-src data:",
  "style-src 'unsafe-inline'",
  "connect-src 'none'",
  "frame-src 'none'",
  "worker-src 'none'",
  "object-src 'none'",
  "manifest-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ")

/** The policy of a page, with frames or without. */
export function pagePolicy(hasFrames: boolean): string {
  const scripts = hasFrames ? `'sha256-${KEEPER_HASH}' 'sha256-${BOOT_HASH}' 'unsafe-eval'` : "'none'"
  return `default-src 'none'; script-src ${scripts}; ${LOADS_NOTHING}`
}

/** The page's own script: gives frames their height, and fills those that were left for later. */
export const KEEPER_SCRIPT: Markup = trusted(`<script>${KEEPER}</script>`)

// The frame's own policy repeats the page's, for browsers that would not hand it down.
const HEAD = `<!doctype html><html><head><meta charset="utf-8"><script>${BOOT}</script><meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'sha256-${BOOT_HASH}' 'unsafe-eval'; ${LOADS_NOTHING}"><style>${FRAME_STYLE}</style></head><body>`

export type Active = {
  readonly source: string
  /** For those who hear the page: "Output of cell 3". */
  readonly label: string
  /** In CSS pixels, until the frame itself says more. */
  readonly height?: number
  /** Filled only when it comes near the reader's view: a page of many frames must open at once. */
  readonly later: boolean
}

/** The frame. Its height is kept from the start, so that the page does not jump. */
export function frame({ source, label, height, later }: Active): Markup {
  const document = HEAD + withoutLoaders(source)
  const tall = Math.round(Math.min(Math.max(height ?? guess(source), 40), TALLEST))
  const place = later ? "data-later" : "srcdoc"
  return html`<iframe class="active" sandbox="allow-scripts" title="${label}" height="${tall}" ${trusted(place)}="${trusted(escaped(document))}"></iframe>`
}

const TALLEST = 1200

/** An output of the frame that several have in common. `where`: "cell 3". */
export type Together = { readonly source: string; readonly where: string }

/** Where it stands in the text; the page's own script lays the frame over all such places. */
export function togetherPlace(at: number, source: string): Markup {
  const tall = /<(?!\/?(?:script|style)\b)[a-z]/i.test(source) ? Math.round(Math.min(Math.max(guess(source), 40), TALLEST)) : 0
  return html`<div class="active together" data-place="${String(at)}" data-height="${String(tall)}"></div>`
}

/** One frame for outputs that may need each other: what one puts into its window, those after it find there, as in a notebook. */
export function togetherFrame(all: readonly Together[]): Markup {
  const sources = JSON.stringify(all.map(({ source }) => withoutLoaders(source))).replaceAll("<", "\\u003c")
  const places = [...new Set(all.map(({ where }) => where))]
  const label = `Active outputs of ${places.slice(0, 12).join(", ")}${places.length > 12 ? " and others" : ""}`
  const document = `${HEAD}<script type="application/json" data-stet-together>${sources}</script>`
  return html`<iframe class="active together" sandbox="allow-scripts" title="${label}" height="0" data-later="${trusted(escaped(document))}"></iframe>`
}

/** JavaScript output, with the name `element` for the place where it may draw, as notebooks have it. */
export function scriptSource(code: string): string {
  const inert = code.replace(/<\/(script)/gi, "<\\/$1").replace(/<!--/g, "<\\!--")
  return `<div></div><script>{const element=document.currentScript.previousElementSibling;\n${inert}\n}</script>`
}

/**
 * Without the elements and attributes that could only load something, which the policy refuses, or ask for a name look-up. Texts
 * of scripts are left alone: there `a<link` is a comparison.
 */
function withoutLoaders(source: string): string {
  return source
    .split(/(<script\b[^>]*>)([\s\S]*?)(?=<\/script|$)/gi)
    .map((piece, index) => (index % 3 === 2 ? piece : piece.replace(LOADER, "<not-loaded-").replace(ADDRESS, " data-not-loaded=$1$2//")))
    .join("")
}

const LOADER = /<(?=\/?(?:link|meta|base|iframe|frame|frameset|object|embed|applet|portal|fencedframe)\b)/gi
const ADDRESS = /\s(?:src|srcset|poster|background)\s*=\s*(["']?)\s*(https?:)?\/\//gi

/** The hosts that an output asks scripts, styles, frames or pictures of; none of them is asked. */
export function wants(source: string): readonly string[] {
  const loading =
    /<(?:script|link|img|iframe|source|video|audio|embed|object)\b[^>]{0,2000}?\b(?:src|href|data)\s*=\s*["']?(?:https?:)?\/\/([a-z0-9.-]+)/gi
  const files = /\bhttps?:\/\/([a-z0-9.-]+)\/[^\s"'<>()]{0,300}\.(?:m?js|css)\b/gi
  const head = source.length > 400_000 ? source.slice(0, 200_000) + source.slice(-200_000) : source
  return [...new Set([...head.matchAll(loading), ...head.matchAll(files)].map((match) => match[1]!.toLowerCase()))].slice(0, 4)
}

/** A drawing's own height where it says one; else by its rows; else a few lines. */
function guess(source: string): number {
  const svg = /^\s*(?:<style>[^<]*<\/style>)?(?:<\?xml[\s\S]*?\?>\s*)?(?:<!--[\s\S]*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg\b([^>]*)>/i.exec(source)?.[1]
  if (svg !== undefined) return svgHeight(svg) + 16
  const rows = source.length > 2_000_000 ? 0 : (source.match(/<tr\b/gi)?.length ?? 0)
  return rows > 0 ? 24 + rows * 29 : 240
}

function svgHeight(attributes: string): number {
  const said = /\bheight\s*=\s*["']\s*([\d.]+)\s*(px|pt|in|cm|mm)?\s*["']/i.exec(attributes)
  const units: Record<string, number> = { pt: 4 / 3, in: 96, cm: 96 / 2.54, mm: 96 / 25.4 }
  if (said) return Number(said[1]) * (units[said[2]?.toLowerCase() ?? "px"] ?? 1)
  const box = /\bviewBox\s*=\s*["']\s*[-\d.]+[\s,]+[-\d.]+[\s,]+[\d.]+[\s,]+([\d.]+)/i.exec(attributes)
  return box ? Number(box[1]) : 240
}
