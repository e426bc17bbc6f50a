/** What a frame has to be shown for an output; undefined for one that needs none. */
import type { LiveOutput } from "#api/live.ts"
import { type Bundle, bundleOf, own, said, textOf } from "#web/outputs/bundle.ts"
import type { Show } from "#web/outputs/frame/messages.ts"
import { joined } from "#web/outputs/joined.ts"
import { type Form, richest } from "#web/outputs/richest.ts"
import { groupOf } from "#web/outputs/stage/grouping.ts"
import { hashOf } from "#web/outputs/stage/heights.ts"
import type { CellShown, Early } from "#web/outputs/stage/shown.ts"
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
    case "mermaid":
      return { renderer: "mermaid", text: said(bundle, form.mediaType) ?? "" }
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

/**
 * The output's own digest; kept with the object, since a large one costs a while. What was too long to be sent along stands in it
 * by its address, so that an output has the same name before and after its text was fetched.
 */
export function outputHash(output: LiveOutput): string {
  const found = hashes.get(output)
  if (found !== undefined) return found
  const { data, external } = bundleOf(output)
  const made = hashOf(JSON.stringify([data, external]))
  hashes.set(output, made)
  return made
}

export function outputId(cell: string, index: number, hash: string): string {
  return `${cell}:${index}:${hash}`
}

type Framed = { readonly id: string; readonly form: Form; readonly bundle: Bundle }

function framedIn(cell: string, outputs: readonly LiveOutput[]): readonly Framed[] {
  return joined(outputs).flatMap((output, index) => {
    if (output.output_type === "stream" || output.output_type === "error") return []
    const bundle = bundleOf(output)
    const form = richest(bundle)
    return form.as === "html" || form.as === "active" ? [{ id: outputId(cell, index, outputHash(output)), form, bundle }] : []
  })
}

/** What a cell may show in frames now. */
export function idsOf(cell: string, outputs: readonly LiveOutput[]): readonly string[] {
  return framedIn(cell, outputs).map(({ id }) => id)
}

/** `textAt`: what was too long to be sent along; an output whose text cannot be had is left out. */
export type TextAt = (address: string, mediaType: string) => Promise<string>

/** The outputs of a cell whose scripts others may need, in their order. */
export async function activeOf({ cell, outputs }: CellShown, textAt: TextAt): Promise<readonly Early[]> {
  const found = framedIn(cell, outputs).map(async ({ id, form, bundle }) => {
    const whole = await withTexts(bundle, form, textAt).catch(() => undefined)
    const show = whole && showOf(form, whole)
    if (!show || groupOf(show) !== "together" || (form.as === "html" && isStill(said(whole, "text/html") ?? ""))) return []
    return [{ id, cell, show }]
  })
  return (await Promise.all(found)).flat()
}

/** Only markup and scripts stand in for others: a chart of megabytes is not fetched for one that comes after it. */
async function withTexts(bundle: Bundle, form: Form, textAt: TextAt): Promise<Bundle> {
  const isText = form.as === "html" || (form.as === "active" && (form.renderer === "html" || form.renderer === "script"))
  const missing = Object.entries(bundle.external).filter(
    ([mediaType]) => isText && MARKUP.includes(mediaType) && !Object.hasOwn(bundle.data, mediaType),
  )
  if (missing.length === 0) return bundle
  const texts = await Promise.all(missing.map(async ([mediaType, address]) => [mediaType, await textAt(address, mediaType)] as const))
  return { ...bundle, data: { ...bundle.data, ...Object.fromEntries(texts) } }
}

const MARKUP = ["text/html", "application/javascript", "text/javascript"]
