/** What a place is told of its output. Pure. */
import type { Said } from "#web/outputs/frame/messages.ts"

export type Heard =
  | { readonly heard: "height"; readonly height: number }
  | { readonly heard: "failed"; readonly message: string }
  | { readonly heard: "wants"; readonly host: string }
  | { readonly heard: "link"; readonly address: string }
  /** Empty: there is nothing to be drawn. */
  | { readonly heard: "still"; readonly svg: string }
  | { readonly heard: "left"; readonly way: "forward" | "back" | "out" }

export function heardOf(said: Exclude<Said, { say: "ready" | "library" | "comm" }>): Heard {
  switch (said.say) {
    case "size":
      return { heard: "height", height: said.height }
    case "failed":
      return { heard: "failed", message: said.message }
    case "wants":
      return { heard: "wants", host: said.host }
    case "link":
      return { heard: "link", address: said.address }
    case "still":
      return { heard: "still", svg: said.svg }
    case "left":
      return { heard: "left", way: said.way }
  }
}

const MOST_HEARD = 12

type Hearing = { readonly heard: Map<string, Heard>; readonly slot: { readonly hear: (heard: Heard) => void } | undefined }

/** What holds on is kept: how tall it is, that it failed, which hosts it wants. */
export function hear({ heard: kept, slot }: Hearing, heard: Heard): void {
  const key = heard.heard === "wants" ? `wants ${heard.host}` : heard.heard
  if (heard.heard !== "left" && heard.heard !== "link" && heard.heard !== "still" && (kept.has(key) || kept.size < MOST_HEARD)) kept.set(key, heard)
  slot?.hear(heard)
}
