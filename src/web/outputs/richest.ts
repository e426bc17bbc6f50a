/** Which form of an output is shown, and how: the richest one that can be. Pure. */

import { isRaster } from "#page/parts.ts"
import { type Bundle, has, isPlain, mediaTypesOf, own, said } from "#web/outputs/bundle.ts"

/** `active` forms run code of others, in a frame only. `inert` ones are drawn by the app itself. */
export type Form =
  | { readonly as: "picture"; readonly mediaType: string }
  | { readonly as: "drawing" | "markdown" | "latex" | "json" | "named" | "html" | "text" | "code"; readonly mediaType: string }
  | { readonly as: "active"; readonly renderer: Renderer; readonly mediaType: string }
  | { readonly as: "nothing" }
  | { readonly as: "unknown"; readonly mediaTypes: readonly string[] }

export type Renderer = "vega" | "plotly" | "mermaid" | "widget" | "html" | "script"

const VEGA = /^application\/vnd\.vega(?:lite)?\.v\d(?:\.\d+)*[+.]json$/
const PLOTLY = "application/vnd.plotly.v1+json"
const MERMAID = "text/vnd.mermaid"
const WIDGET = "application/vnd.jupyter.widget-view+json"
const EXECUTED = /^application\/vnd\.(?:bokehjs|holoviews)_(?:exec|load)\.v0\+json$/
/** What a notebook gives by name: scrapbook's form. */
const NAMED = /^application\/scrapbook\.scrap\.\w+\+json$/
const SCRIPTS = ["application/javascript", "text/javascript"]

export function richest(bundle: Bundle): Form {
  const mediaTypes = mediaTypesOf(bundle)
  if (mediaTypes.length === 0) return { as: "nothing" }
  return specified(bundle, mediaTypes) ?? drawn(bundle, mediaTypes) ?? written(bundle, mediaTypes) ?? { as: "unknown", mediaTypes }
}

function specified(bundle: Bundle, mediaTypes: readonly string[]): Form | undefined {
  if (isPlain(own(bundle.data, WIDGET))) return { as: "active", renderer: "widget", mediaType: WIDGET }
  const vega = mediaTypes.find((one) => VEGA.test(one))
  if (vega) return { as: "active", renderer: "vega", mediaType: vega }
  if (has(bundle, PLOTLY)) return { as: "active", renderer: "plotly", mediaType: PLOTLY }
  if (has(bundle, MERMAID)) return { as: "active", renderer: "mermaid", mediaType: MERMAID }
  const executed = mediaTypes.some((one) => EXECUTED.test(one))
  const script = SCRIPTS.find((one) => has(bundle, one))
  // Bokeh and HoloViews send markup and the script that fills it side by side.
  if (script && (executed || has(bundle, "text/html"))) return { as: "active", renderer: "html", mediaType: script }
  return executed && has(bundle, "text/html") ? { as: "active", renderer: "html", mediaType: "text/html" } : undefined
}

function drawn(bundle: Bundle, mediaTypes: readonly string[]): Form | undefined {
  if (has(bundle, "text/html") && said(bundle, "text/html")?.trim() !== "") return { as: "html", mediaType: "text/html" }
  for (const [mediaType, as] of WRITTEN) if (has(bundle, mediaType)) return { as, mediaType }
  if (has(bundle, "image/svg+xml")) return { as: "drawing", mediaType: "image/svg+xml" }
  const picture = mediaTypes.find(isRaster)
  return picture ? { as: "picture", mediaType: picture } : undefined
}

// A formula is set by us, sharper than the picture of it that comes along.
const WRITTEN: readonly (readonly [string, "markdown" | "latex"])[] = [
  ["text/markdown", "markdown"],
  ["text/latex", "latex"],
]

function written(bundle: Bundle, mediaTypes: readonly string[]): Form | undefined {
  const script = SCRIPTS.find((one) => has(bundle, one))
  if (script) return { as: "active", renderer: "script", mediaType: script }
  const json = mediaTypes.find((one) => one === "application/json" || one === "application/geo+json")
  if (json) return { as: "json", mediaType: json }
  if (has(bundle, "text/plain")) return { as: "text", mediaType: "text/plain" }
  const other = mediaTypes.find((one) => one.startsWith("text/"))
  if (other) return { as: "code", mediaType: other }
  const named = mediaTypes.find((one) => NAMED.test(one))
  return named ? { as: "named", mediaType: named } : undefined
}
