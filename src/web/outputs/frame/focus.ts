/** The keyboard goes into an output and comes out again: Tab behind its last place and before its first, Escape from anywhere. */
import type { FrameWorld } from "#web/outputs/frame/world.ts"

const PLACES =
  'a[href],button:not([disabled]),input:not([disabled]),select:not([disabled]),textarea:not([disabled]),[tabindex]:not([tabindex="-1"]),summary,iframe,[contenteditable="true"]'

function placesOf(element: Element): readonly HTMLElement[] {
  return [...element.querySelectorAll<HTMLElement>(PLACES)].filter((one) => one.getClientRects().length > 0)
}

export function focusIn(element: HTMLElement, isLast: boolean): void {
  const places = placesOf(element)
  const place = places.at(isLast ? -1 : 0)
  element.tabIndex = -1
  ;(place ?? element).focus()
}

export function listenToKeys(world: FrameWorld, idOf: (node: EventTarget | null) => string): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return
    const at = document.activeElement
    const id = idOf(at)
    if (id === "") return
    if (event.key === "Escape") return world.say({ say: "left", id, way: "out" })
    if (event.key !== "Tab") return
    const output = at?.closest("[data-stet-output]")
    const places = output ? placesOf(output) : []
    const isAtEnd = places.length === 0 || at === places.at(event.shiftKey ? 0 : -1)
    if (!isAtEnd) return
    event.preventDefault()
    world.say({ say: "left", id, way: event.shiftKey ? "back" : "forward" })
  })
}
