/** Draws each kind of active output. */
import type { Show } from "#web/outputs/frame/messages.ts"
import { putMarkup } from "#web/outputs/frame/scripts.ts"
import type { Drawn, FrameWorld } from "#web/outputs/frame/world.ts"

/** Everything but widgets. */
export async function draw(place: HTMLElement, show: Exclude<Show, { renderer: "widget" }>, world: FrameWorld): Promise<Drawn> {
  switch (show.renderer) {
    case "html":
      if (show.height !== undefined) place.style.height = `${show.height}px`
      await putMarkup(place, show.html, world)
      if (show.script) runWith(place, show.script)
      return undefined
    case "script":
      runWith(place, show.script)
      return undefined
    case "vega":
      return drawVega(place, show, world)
    case "plotly":
      return drawPlotly(place, show.figure, world)
    case "mermaid":
      return drawMermaid(place, show.text, world)
  }
}

/** JavaScript output, with the name `element` for the place where it may draw, as notebooks have it. */
function runWith(element: HTMLElement, code: string): void {
  new Function("element", code)(element)
}

type Embedded = { readonly finalize: () => void }
type VegaEmbed = (place: HTMLElement, spec: unknown, options: object) => Promise<Embedded>

async function drawVega(place: HTMLElement, { spec, isLite }: Extract<Show, { renderer: "vega" }>, world: FrameWorld): Promise<Drawn> {
  await world.part("vega")
  const { vegaEmbed } = globalThis as unknown as { readonly vegaEmbed: VegaEmbed }
  const wanted = optionsOf(spec)
  const chart = document.createElement("div")
  chart.className = "stet-chart"
  place.append(chart)
  const embedded = await vegaEmbed(chart, spec, {
    mode: isLite ? "vega-lite" : "vega",
    renderer: "svg",
    actions: false,
    ...wanted,
    loader: { http: { credentials: "omit" } },
  })
  return () => embedded.finalize()
}

/** Altair puts its wishes for the embedding beside the chart; nothing of them may load or run more than the chart may. */
function optionsOf(spec: unknown): object {
  const meta = (spec as { readonly usermeta?: { readonly embedOptions?: Readonly<Record<string, unknown>> } } | null)?.usermeta?.embedOptions ?? {}
  return Object.fromEntries(
    Object.entries(meta).filter(([name]) => ["renderer", "theme", "config", "width", "height", "padding", "scaleFactor"].includes(name)),
  )
}

type Plotly = {
  readonly newPlot: (place: HTMLElement, figure: object) => Promise<unknown>
  readonly addFrames: (place: HTMLElement, frames: unknown) => Promise<unknown>
  readonly purge: (place: HTMLElement) => void
}

async function drawPlotly(place: HTMLElement, figure: unknown, world: FrameWorld): Promise<Drawn> {
  await world.part("plotly")
  const { Plotly } = globalThis as unknown as { readonly Plotly: Plotly }
  const { data, layout, config, frames } = (figure ?? {}) as Readonly<Record<string, unknown>>
  const inner = document.createElement("div")
  inner.style.width = "100%"
  place.append(inner)
  const calm = {
    responsive: true,
    displaylogo: false,
    ...(config as object | undefined),
    plotlyServerURL: "",
    showLink: false,
    showSendToCloud: false,
  }
  await Plotly.newPlot(inner, { data, layout, config: calm })
  if (Array.isArray(frames) && frames.length > 0) await Plotly.addFrames(inner, frames)
  return () => Plotly.purge(inner)
}

type Mermaid = {
  readonly initialize: (options: object) => void
  readonly render: (id: string, text: string, place: Element) => Promise<{ readonly svg: string }>
}

let diagrams = 0

/** What a diagram asks for itself (`%%{init}%%`) may not loosen `strict`: no markup, no press of a node calls anything. */
async function drawMermaid(place: HTMLElement, text: string, world: FrameWorld): Promise<Drawn> {
  await world.part("mermaid")
  const { mermaid } = globalThis as unknown as { readonly mermaid: Mermaid }
  mermaid.initialize({ startOnLoad: false, securityLevel: "strict", suppressErrorRendering: true, theme: "neutral" })
  const diagram = document.createElement("div")
  diagram.className = "stet-chart"
  place.append(diagram)
  const { svg } = await mermaid.render(`diagram-${++diagrams}`, text, diagram)
  diagram.innerHTML = svg
  return undefined
}
