/** Which rows are drawn, kept up with scrolling, with what was measured, and with the cells. */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react"
import type { OpenNotebook } from "#web/notebook/open-notebook.ts"
import type { CellShape, Structure } from "#web/notebook/structure.ts"
import { areApart, expectedHeight, offsetOf, type Span, spanOf } from "#web/notebook/windowing.ts"

export type RowWindow = {
  readonly span: Span
  readonly observeRow: (element: HTMLElement, cell: string) => () => void
  readonly reveal: (cell: string, how?: "nearest" | "start" | "center") => void
  readonly heightAt: (index: number) => number
}

const WHOLE: Span = { from: 0, to: Number.MAX_SAFE_INTEGER, before: 0, after: 0 }
const EDGE_PX = 72

export function useWindow(notebook: OpenNotebook, scroller: RefObject<HTMLDivElement | null>, isWhole: boolean): RowWindow {
  const heights = useHeights(notebook)
  const [span, setSpan] = useState<Span>({ from: 0, to: 12, before: 0, after: 0 })
  const wish = useRef<{ readonly cell: string; readonly how: "nearest" | "start" | "center"; tries: number } | null>(null)
  const look = useCallback(() => {
    const element = scroller.current
    if (!element) return
    const { ids } = notebook.structure.get()
    const screen = { top: element.scrollTop - topOf(element), height: element.clientHeight }
    const next = spanOf(ids.length, heights.at, { ...screen, margin: element.clientHeight * 0.75 + 200 })
    // Far away all rows are new: first those on the screen. Their heights are told then, and with these the next look, which adds the rest.
    setSpan((was) => (same(was, next) ? was : areApart(was, next) ? spanOf(ids.length, heights.at, { ...screen, margin: 0 }) : next))
  }, [notebook, scroller, heights])
  const lookSoon = useFrame(look)
  useEffect(() => notebook.structure.subscribe(lookSoon), [notebook, lookSoon])
  useEffect(() => {
    const element = scroller.current
    if (!element) return
    element.addEventListener("scroll", lookSoon, { passive: true })
    const observer = new ResizeObserver(lookSoon)
    observer.observe(element)
    look()
    return () => {
      element.removeEventListener("scroll", lookSoon)
      observer.disconnect()
    }
  }, [scroller, look, lookSoon])
  const observeRow = useRows(heights, lookSoon)
  const reveal = useCallback(
    (cell: string, how: "nearest" | "start" | "center" = "nearest") => {
      wish.current = { cell, how, tries: 0 }
      settle(wish, scroller.current, { notebook, heightAt: heights.at, look })
    },
    [notebook, scroller, heights, look],
  )
  useLayoutEffect(() => {
    if (wish.current) settle(wish, scroller.current, { notebook, heightAt: heights.at, look })
  })
  return { span: isWhole ? WHOLE : span, observeRow, reveal, heightAt: heights.at }
}

function same(a: Span, b: Span): boolean {
  return a.from === b.from && a.to === b.to && a.before === b.before && a.after === b.after
}

/** Where the cells begin, below what stands above them in the scroller. */
function topOf(scroller: HTMLElement): number {
  const cells = scroller.querySelector<HTMLElement>("[data-cells]")
  return cells ? cells.offsetTop : 0
}

type Heights = {
  readonly at: (index: number) => number
  readonly measured: (cell: string, height: number) => void
}

/** Pixels of every cell. A long notebook's are all asked for at each step of scrolling: they stand in a list, for as long as the cells are the same. */
function useHeights(notebook: OpenNotebook): Heights {
  return useMemo(() => {
    let structure: Structure | undefined
    let known = new Float64Array()
    let places: ReadonlyMap<string, number> | undefined
    const expected = expectedIn(notebook)
    const current = () => {
      const now = notebook.structure.get()
      if (now === structure) return now
      if (now.ids !== structure?.ids) places = undefined
      structure = now
      known = new Float64Array(now.ids.length).fill(Number.NaN)
      return now
    }
    return {
      at: (index) => {
        const { ids, cells } = current()
        const height = known[index] ?? 0
        if (!Number.isNaN(height)) return height
        const id = ids[index] ?? ""
        known[index] = notebook.heights.get(id) ?? expected(cells.get(id))
        return known[index]
      },
      measured: (cell, height) => {
        const { ids } = current()
        notebook.heights.set(cell, height)
        places ??= new Map(ids.map((id, at) => [id, at]))
        const place = places.get(cell)
        if (place !== undefined) known[place] = height
      },
    }
  }, [notebook])
}

/** What a cell that was never drawn is taken for; read from its text once. */
function expectedIn(notebook: OpenNotebook): (shape: CellShape | undefined) => number {
  const known = new WeakMap<CellShape, number>()
  return (shape) => {
    if (!shape) return 0
    const { type, source, hidesCode, hidesOutput } = shape
    const hasOutputs = shape.shows !== "" || notebook.state.get().newest.has(shape.id)
    const height = known.get(shape) ?? expectedHeight({ type, text: source.toString(), hasOutputs, hidesCode, hidesOutput })
    known.set(shape, height)
    return height
  }
}

/** One observer for all rows: their heights are remembered, and looked at again in the next frame. */
function useRows(heights: Heights, lookSoon: () => void) {
  const observer = useMemo(() => {
    const cells = new WeakMap<Element, string>()
    const resize = new ResizeObserver((entries) => {
      for (const entry of entries) {
        const cell = cells.get(entry.target)
        const height = entry.borderBoxSize[0]?.blockSize ?? 0
        if (cell !== undefined && height > 0) heights.measured(cell, height)
      }
      lookSoon()
    })
    return { cells, resize }
  }, [heights, lookSoon])
  useEffect(() => () => observer.resize.disconnect(), [observer])
  return useCallback(
    (element: HTMLElement, cell: string) => {
      observer.cells.set(element, cell)
      observer.resize.observe(element)
      return () => observer.resize.unobserve(element)
    },
    [observer],
  )
}

function useFrame(act: () => void): () => void {
  const frame = useRef(0)
  useEffect(() => () => cancelAnimationFrame(frame.current), [])
  return useCallback(() => {
    if (frame.current !== 0) return
    frame.current = requestAnimationFrame(() => {
      frame.current = 0
      act()
    })
  }, [act])
}

type Wish = { current: { readonly cell: string; readonly how: "nearest" | "start" | "center"; tries: number } | null }
type Place = { readonly notebook: OpenNotebook; readonly heightAt: (index: number) => number; readonly look: () => void }

/** Scrolls to where the cell must be, and once it is drawn, to where it is. */
function settle(wish: Wish, scroller: HTMLElement | null, { notebook, heightAt, look }: Place): void {
  const wanted = wish.current
  if (!wanted || !scroller) return
  const row = scroller.querySelector<HTMLElement>(`[data-cell="${CSS.escape(wanted.cell)}"]`)
  if (row) {
    wish.current = null
    return scrollTo(scroller, row, wanted.how)
  }
  const index = notebook.structure.get().ids.indexOf(wanted.cell)
  if (index < 0 || wanted.tries++ > 3) {
    wish.current = null
    return
  }
  scroller.scrollTop = topOf(scroller) + offsetOf(index, heightAt) - scroller.clientHeight * 0.3
  look()
}

function scrollTo(scroller: HTMLElement, row: HTMLElement, how: "nearest" | "start" | "center"): void {
  const frame = scroller.getBoundingClientRect()
  const box = row.getBoundingClientRect()
  const isAbove = box.top < frame.top + 8
  const isBelow = box.bottom > frame.bottom - EDGE_PX
  if (how === "nearest" && !isAbove && !isBelow) return
  // A cell that is taller than the screen is shown from its beginning, unless one is in it already.
  if (how === "nearest" && isBelow && box.top >= frame.top && box.height > frame.height - EDGE_PX)
    return scroller.scrollBy(0, box.top - frame.top - EDGE_PX)
  if (how === "nearest" && isAbove && isBelow) return
  if (how === "center") scroller.scrollTop += box.top - frame.top - Math.max(EDGE_PX, (frame.height - box.height) / 2)
  else if (how === "start" || isAbove) scroller.scrollTop += box.top - frame.top - 24
  else scroller.scrollTop += box.bottom - frame.bottom + EDGE_PX
}
