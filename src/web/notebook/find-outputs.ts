/** The outputs that a search goes through: brought when they are not known yet, and marked where they are drawn. */
import type { QueryClient } from "@tanstack/react-query"
import { shownExecution } from "#web/notebook/live-state.ts"
import type { OpenNotebook } from "#web/notebook/open-notebook.ts"
import { versionOutputsAsked } from "#web/notebook/version-outputs.ts"

/** Below what one socket may ask in a second, with room for what else is asked. */
const AT_ONCE = 20
const PACE_MS = 300

/** Asks for what cells show and is not known, a few at a time: all of them, or those of `only`. `told`: how many are still to come. Gives what ends it. */
export function bringOutputs(notebook: OpenNotebook, queries: QueryClient, told: (missing: number) => void, only?: ReadonlySet<string>): () => void {
  const asked = new Set<string>()
  const step = () => {
    const missing = missingIn(notebook, only)
    for (const id of missing.filter((one) => !asked.has(one)).slice(0, AT_ONCE)) {
      asked.add(id)
      notebook.wantOutputs(id)
    }
    told(missing.filter((one) => !asked.has(one)).length)
  }
  for (const version of versionsIn(notebook)) void queries.prefetchQuery(versionOutputsAsked(notebook.id, version)).then(step)
  step()
  const timer = setInterval(step, PACE_MS)
  return () => clearInterval(timer)
}

function missingIn({ draft, state }: OpenNotebook, only: ReadonlySet<string> | undefined): readonly string[] {
  const known = state.get()
  return draft.cells().flatMap(({ id, type, shows }) => {
    if (only && !only.has(id)) return []
    const execution = type === "code" ? shownExecution(known, id, shows) : undefined
    const shown = execution === undefined ? undefined : known.outputs.get(execution)
    return execution === undefined || (shown && shown.next >= 0) ? [] : [execution]
  })
}

function versionsIn({ draft }: OpenNotebook): ReadonlySet<number> {
  return new Set(draft.cells().flatMap(({ shows }) => (shows.startsWith("version:") ? [Number(shows.slice("version:".length))] : [])))
}

const FOUND = "stet-found"
const CURRENT = "stet-found-current"

type Marking = {
  readonly cells: ReadonlySet<string>
  readonly pattern: RegExp
  readonly current: { readonly cell: string; readonly at: number } | undefined
}

/** Marks matches in the outputs that are drawn, without touching them; where the browser cannot, nothing is marked. */
export function markOutputs(marking: Marking | undefined): void {
  if (typeof CSS === "undefined" || !("highlights" in CSS)) return
  const [all, current]: [Range[], Range[]] = [[], []]
  for (const cell of marking?.cells ?? []) {
    const ranges = rangesIn(document.querySelector(`[data-cell="${CSS.escape(cell)}"] [data-stet-outputs]`), (marking as Marking).pattern)
    all.push(...ranges)
    const one = marking?.current?.cell === cell ? ranges[marking.current.at] : undefined
    if (one) current.push(one)
  }
  CSS.highlights.set(FOUND, new Highlight(...all))
  CSS.highlights.set(CURRENT, new Highlight(...current))
}

const MOST = 2_000

function rangesIn(root: Element | null, pattern: RegExp): Range[] {
  if (!root) return []
  const ranges: Range[] = []
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  for (let node = texts.nextNode(); node && ranges.length < MOST; node = texts.nextNode())
    for (const match of (node.nodeValue ?? "").matchAll(pattern)) {
      if (match[0] === "") continue
      const range = document.createRange()
      range.setStart(node, match.index)
      range.setEnd(node, match.index + match[0].length)
      ranges.push(range)
    }
  return ranges
}
