/** What stands where a picture would have to be fetched: its description and its host. */

import { decoded } from "#web/outputs/clean.ts"
import styles from "#web/outputs/outputs.module.css"

export function placeRemote({ source, alt }: { readonly source: string; readonly alt: string }): Node {
  const host = hostOf(source)
  const place = document.createElement(host ? "a" : "span")
  place.className = styles["missing"] ?? ""
  if (host) {
    place.setAttribute("href", source)
    place.setAttribute("target", "_blank")
    place.setAttribute("rel", "noopener noreferrer nofollow")
    place.title = `Not loaded: a picture of ${host}. Opening a notebook asks nobody for anything.`
  }
  const name = alt.trim() || decoded(source.split(/[?#]/)[0]?.split("/").at(-1) ?? "").slice(0, 200) || "picture"
  place.textContent = host ? `${name} · ${host}` : source.startsWith("data:") ? "a picture of an unsupported kind" : name
  return place
}

/** Undefined for an address that is not on the network. */
export function hostOf(source: string): string | undefined {
  if (!/^\s*(?:https?:)?\/\//i.test(source)) return undefined
  try {
    return new URL(source.trim(), "https://x.invalid").host
  } catch {
    return undefined
  }
}
