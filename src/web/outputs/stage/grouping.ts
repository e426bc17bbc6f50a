/** Which frame an output belongs to, how tall its place is before it is drawn, and what it would ask of the network. Pure. */
import type { Show } from "#web/outputs/frame/messages.ts"

/**
 * `together`: outputs of one view whose scripts may need each other share one frame. `widgets`: so do widgets, which move each
 * other; apart from the former, because their frame may speak to the kernel. `diagrams`: many of them need one library, which is not
 * started for each. `alone`: what needs nobody.
 */
export type Group = "together" | "widgets" | "diagrams" | "alone"

export function groupOf(show: Show): Group {
  if (show.renderer === "widget") return "widgets"
  if (show.renderer === "mermaid") return "diagrams"
  if (show.renderer === "script") return "together"
  if (show.renderer !== "html") return "alone"
  if (show.height !== undefined) return "alone"
  return show.script !== "" || /<script\b|\s(?:on\w+|id)\s*=/i.test(show.html) ? "together" : "alone"
}

/** Whether an output runs something that others may have to have run before. */
export function mayNeedOthers(show: Show): boolean {
  return show.renderer === "script" || (show.renderer === "html" && (show.script !== "" || /<script\b|\son\w+\s*=/i.test(show.html)))
}

const ROW = 29

export function guessedHeight(show: Show): number {
  switch (show.renderer) {
    case "plotly": {
      const height = (show.figure as { readonly layout?: { readonly height?: unknown } } | null)?.layout?.height
      return typeof height === "number" && height > 0 && height < 5000 ? height : 450
    }
    case "vega": {
      const height = (show.spec as { readonly height?: unknown } | null)?.height
      return typeof height === "number" && height < 5000 ? height + 60 : 340
    }
    case "mermaid":
      return 160
    case "script":
      return 0
    case "widget":
      return 32
    case "html": {
      if (show.height !== undefined) return show.height
      if (/^\s*<(?:script|style)\b[^>]*>[\s\S]*<\/(?:script|style)>\s*$/i.test(show.html) && !/<(?:div|table|iframe|img|p)\b/i.test(show.html))
        return 0
      const rows = show.html.length > 2_000_000 ? 0 : (show.html.match(/<tr\b/gi)?.length ?? 0)
      return rows > 0 ? 24 + rows * ROW : 120
    }
  }
}

/** The hosts that markup names for loading, before anything of it is run. */
export function hostsIn(show: Show): readonly string[] {
  const text = show.renderer === "html" ? show.html : show.renderer === "script" ? show.script : ""
  const head = text.length > 400_000 ? text.slice(0, 200_000) + text.slice(-200_000) : text
  const loading = /<(?:script|link|img|source|video|audio|embed|object)\b[^>]{0,2000}?\b(?:src|href|data)\s*=\s*["']?(?:https?:)?\/\/([a-z0-9.-]+)/gi
  return [...new Set([...head.matchAll(loading)].map((match) => match[1]!.toLowerCase()))].slice(0, 12)
}
