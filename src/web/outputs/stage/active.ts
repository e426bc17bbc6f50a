/** What a frame has to be shown for an output; undefined for one that needs none. */
import type { LiveOutput } from "#api/live.ts"
import { type Bundle, bundleOf, own, said, textOf } from "#web/outputs/bundle.ts"
import type { Show } from "#web/outputs/frame/messages.ts"
import { joined } from "#web/outputs/joined.ts"
import { type Form, richest } from "#web/outputs/richest.ts"
import { groupOf } from "#web/outputs/stage/grouping.ts"
import { hashOf } from "#web/outputs/stage/heights.ts"
import type { Early } from "#web/outputs/stage/stage.ts"
import { isStill } from "#web/outputs/still.ts"

export function showOf(form: Form, bundle: Bundle): Show | undefined {
  if (form.as === "html") return unwrapped(said(bundle, "text/html") ?? "")
  if (form.as !== "active") return undefined
  const value = own(bundle.data, form.mediaType)
  const script = said(bundle, "application/javascript") ?? said(bundle, "text/javascript") ?? ""
  switch (form.renderer) {
    case "vega":
      return { renderer: "vega", spec: value, isLite: form.mediaType.includes("vegalite") }
    case "plotly":
      return { renderer: "plotly", figure: value }
    case "widget":
      return { renderer: "widget", model: textOf(own(value, "model_id")) ?? "" }
    case "script":
      return { renderer: "script", script }
    case "html":
      return { renderer: "html", html: said(bundle, "text/html") ?? "", script }
  }
}

const WRAPPED = /^\s*(?:<div[^>]*>\s*)*(?:<span[^>]*>[^<]*<\/span>\s*)?<iframe\s[^>]*?\bsrcdoc="([^"]*)"[^>]*>\s*<\/iframe>\s*(?:<\/div>\s*)*$/i
const UNWRAPPED_HEIGHT = 400

/** A whole page in a frame of its own, as maps come: our frame is that frame. */
function unwrapped(html: string): Show {
  const inner = WRAPPED.exec(html)?.[1]
  if (inner === undefined) return { renderer: "html", html, script: "" }
  const height = /\bheight\s*[:=]\s*"?(\d{2,4})(?:px|")/i.exec(html.replace(inner, ""))?.[1]
  const entities: Readonly<Record<string, string>> = { quot: '"', lt: "<", gt: ">", amp: "&", "#39": "'", "#x27": "'", "#34": '"' }
  const page = inner.replace(/&(quot|lt|gt|amp|#39|#x27|#34);/g, (_, name: string) => entities[name] ?? "")
  return { renderer: "html", html: page, script: "", height: height ? Number(height) : UNWRAPPED_HEIGHT }
}

const hashes = new WeakMap<LiveOutput, string>()

/** The output's own digest; kept with the object, since a large one costs a while. */
export function outputHash(output: LiveOutput, show: Show): string {
  const found = hashes.get(output)
  if (found !== undefined) return found
  const made = hashOf(JSON.stringify(show))
  hashes.set(output, made)
  return made
}

export function outputId(cell: string, index: number, hash: string): string {
  return `${cell}:${index}:${hash}`
}

type Active = Early & { readonly index: number; readonly hash: string }

function activeIn(cell: string, outputs: readonly LiveOutput[]): readonly Active[] {
  return joined(outputs).flatMap((output, index) => {
    if (output.output_type === "stream" || output.output_type === "error") return []
    const bundle = bundleOf(output)
    const form = richest(bundle)
    if (form.as === "html" && isStill(said(bundle, "text/html") ?? "")) return []
    const show = showOf(form, bundle)
    if (!show) return []
    const hash = outputHash(output, show)
    return [{ id: outputId(cell, index, hash), cell, show, index, hash }]
  })
}

/** The outputs of a cell whose scripts others may need. */
export function activeOf(cell: string, outputs: readonly LiveOutput[]): readonly Early[] {
  return activeIn(cell, outputs).filter(({ show }) => groupOf(show) === "together")
}

/** What a cell shows in frames now. */
export function idsOf(cell: string, outputs: readonly LiveOutput[]): readonly string[] {
  return activeIn(cell, outputs).map(({ id }) => id)
}
