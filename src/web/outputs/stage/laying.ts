/** Where frames lie: over the places that their outputs keep, cut to what is to be seen of them. */

/** An output and its place; `place` is what the frame was told of it last. */
export type Placed = { readonly id: string; readonly slot: { readonly element: HTMLElement } | undefined; place: string }

export type Laid = {
  readonly output: Placed
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly isShown: boolean
  readonly window: Window | undefined
}

export function placeOf(output: Placed, ground: DOMRect, layer: Element): Laid {
  const element = output.slot?.element
  if (!element?.isConnected) return { output, x: 0, y: 0, width: 0, height: 0, isShown: false, window: undefined }
  const box = element.getBoundingClientRect()
  const { left, top, width, height } = box
  const isShown = width > 0
  const window = windowOf(element, box, layer)
  return {
    output,
    x: Math.round(left - ground.left),
    y: Math.round(top - ground.top),
    width: Math.round(width),
    height: Math.round(height),
    isShown,
    window,
  }
}

/** What is to be seen of a place in a box that scrolls, relative to the place itself; undefined where all of it is. */
function windowOf(element: Element, box: DOMRect, layer: Element): Window | undefined {
  let [top, bottom] = [box.top, box.bottom]
  for (let at = element.parentElement; at && !at.contains(layer); at = at.parentElement) {
    if (at.scrollHeight <= at.clientHeight || !/auto|scroll|hidden|clip/.test(getComputedStyle(at).overflowY)) continue
    const frame = at.getBoundingClientRect()
    top = Math.max(top, frame.top)
    bottom = Math.min(bottom, frame.bottom)
  }
  return top === box.top && bottom === box.bottom ? undefined : { from: Math.round(top - box.top), to: Math.round(Math.max(top, bottom) - box.top) }
}

type Window = { readonly from: number; readonly to: number }

export function layAlone({ style }: HTMLElement, laid: Laid | undefined): void {
  const isShown = laid?.isShown === true
  style.visibility = isShown ? "visible" : "hidden"
  if (!laid || !isShown) {
    style.height = "0"
    return
  }
  style.transform = `translate(${laid.x}px, ${laid.y}px)`
  style.width = `${laid.width}px`
  style.height = `${laid.height}px`
  style.clipPath = laid.window ? `inset(${laid.window.from}px 0 ${Math.max(0, laid.height - laid.window.to)}px 0)` : ""
}

// It is cut to nothing rather than hidden: what is hidden is not drawn, and never says how tall it is.
export function layShared({ style }: HTMLElement, places: readonly Laid[]): void {
  const shown = places.filter(({ isShown, height }) => isShown && height > 0)
  style.width = "100%"
  style.height = "100%"
  const cut = shown
    .map(({ x, y, width, height, window: { from, to } = { from: 0, to: height } }) => `M${x} ${y + from}h${width}v${to - from}h${-width}z`)
    .join("")
  style.clipPath = `path("${cut || "M0 0h1v1h-1z"}")`
}
