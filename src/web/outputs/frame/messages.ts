/** What the app and a frame say to each other over their one port. Everything that a frame says is looked at before it is believed. */
import type { CommTold } from "#web/outputs/session-comm.ts"

/** Libraries that are sent into a frame once, when an output first needs them. */
export type PartName = "vega" | "plotly" | "mermaid" | "widgets"

export type Place = { readonly id: string; readonly x: number; readonly y: number; readonly width: number; readonly isShown: boolean }

export type Show =
  | { readonly renderer: "html"; readonly html: string; readonly script: string; readonly height?: number }
  | { readonly renderer: "script"; readonly script: string }
  | { readonly renderer: "vega"; readonly spec: unknown; readonly isLite: boolean }
  | { readonly renderer: "plotly"; readonly figure: unknown }
  | { readonly renderer: "mermaid"; readonly text: string }
  | { readonly renderer: "widget"; readonly model: string }

export type Told =
  /** Libraries, in the order in which they run; each is sent once. */
  | { readonly do: "part"; readonly name: PartName; readonly libraries: readonly string[] }
  | { readonly do: "theme"; readonly isDark: boolean; readonly tokens: Readonly<Record<string, string>> }
  | { readonly do: "place"; readonly places: readonly Place[] }
  | { readonly do: "show"; readonly id: string; readonly show: Show }
  | { readonly do: "drop"; readonly id: string }
  /** It is told back as a picture. */
  | { readonly do: "still"; readonly id: string }
  | { readonly do: "focus"; readonly id: string; readonly isLast: boolean }
  /** The saved state of the notebook's widgets, as nbformat keeps it. `isLive`: what is moved is told the kernel; `isFixed`: nothing can be moved. */
  | { readonly do: "widgets"; readonly state: unknown; readonly isLive: boolean; readonly isFixed: boolean }
  | { readonly do: "comm"; readonly told: CommTold }
  /** What was asked for with `library`: its text, or why there is none. */
  | { readonly do: "library"; readonly request: number; readonly text?: string; readonly problem?: string }

export type Said =
  | { readonly say: "ready" }
  | { readonly say: "size"; readonly id: string; readonly height: number }
  | { readonly say: "failed"; readonly id: string; readonly message: string }
  /** A drawing in SVG, for paper; empty where there is nothing to draw. */
  | { readonly say: "still"; readonly id: string; readonly svg: string }
  /** Something on the network was wanted, and not asked. */
  | { readonly say: "wants"; readonly id: string; readonly host: string }
  | { readonly say: "library"; readonly request: number; readonly wanted: string }
  | { readonly say: "comm"; readonly commId: string; readonly data: Readonly<Record<string, unknown>>; readonly buffers: readonly string[] }
  /** The keyboard goes on behind or before the output, or out of it. */
  | { readonly say: "left"; readonly id: string; readonly way: "forward" | "back" | "out" }
  | { readonly say: "link"; readonly id: string; readonly address: string }

const LONGEST = { id: 200, message: 2000, host: 253, wanted: 2000, address: 4000, svg: 16_000_000 } as const
const TALLEST = 20_000

/** Undefined for anything that is not exactly one of these. */
export function readSaid(value: unknown): Said | undefined {
  if (typeof value !== "object" || value === null) return undefined
  const said = value as Readonly<Record<string, unknown>>
  const text = (name: keyof typeof LONGEST): string | undefined => {
    const found = said[name]
    return typeof found === "string" && found.length <= LONGEST[name] ? found : undefined
  }
  const id = text("id")
  switch (said["say"]) {
    case "ready":
      return { say: "ready" }
    case "size": {
      const height = said["height"]
      return id === undefined || typeof height !== "number" || !(height >= 0)
        ? undefined
        : { say: "size", id, height: Math.min(Math.ceil(height), TALLEST) }
    }
    case "failed":
      return id === undefined ? undefined : { say: "failed", id, message: String(said["message"] ?? "").slice(0, LONGEST.message) }
    case "still": {
      const svg = text("svg")
      return id === undefined ? undefined : { say: "still", id, svg: svg ?? "" }
    }
    case "wants": {
      const host = text("host")
      return id === undefined || host === undefined || !/^[a-z0-9.-]+(?::\d{1,5})?$/i.test(host)
        ? undefined
        : { say: "wants", id, host: host.toLowerCase() }
    }
    case "library": {
      const wanted = text("wanted")
      return wanted === undefined || !Number.isSafeInteger(said["request"])
        ? undefined
        : { say: "library", request: said["request"] as number, wanted }
    }
    case "comm":
      return commOf(said)
    case "left": {
      const way = said["way"]
      return id !== undefined && (way === "forward" || way === "back" || way === "out") ? { say: "left", id, way } : undefined
    }
    case "link": {
      const address = text("address")
      return id === undefined || address === undefined || !/^(?:https?:|mailto:)/i.test(address) ? undefined : { say: "link", id, address }
    }
    default:
      return undefined
  }
}

function commOf(said: Readonly<Record<string, unknown>>): Said | undefined {
  const { commId, data, buffers } = said
  if (typeof commId !== "string" || commId.length > 200 || typeof data !== "object" || data === null || Array.isArray(data)) return undefined
  const texts = Array.isArray(buffers) ? buffers.filter((one): one is string => typeof one === "string") : []
  return { say: "comm", commId, data: data as Readonly<Record<string, unknown>>, buffers: texts }
}
