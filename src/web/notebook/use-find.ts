import { useQueryClient } from "@tanstack/react-query"
import { useCallback, useEffect, useMemo, useState } from "react"
import type { LiveOutput } from "#api/live.ts"
import { PERSON, setSource } from "#draft/index.ts"
import { counted } from "#web/app/words.ts"
import { useDesk } from "#web/notebook/desk.tsx"
import {
  countWords,
  EMPTY_QUERY,
  type FindQuery,
  findAll,
  type Match,
  nextMatch,
  patternOf,
  replaced,
  replacedMatch,
  type Searched,
} from "#web/notebook/find.ts"
import { markFound } from "#web/notebook/find-marks.ts"
import { bringOutputs, markOutputs } from "#web/notebook/find-outputs.ts"
import { withoutAnsi } from "#web/notebook/inspect-tip.ts"
import { shownExecution } from "#web/notebook/live-state.ts"
import type { OpenNotebook } from "#web/notebook/open-notebook.ts"
import { at } from "#web/notebook/selection.ts"
import { versionOutputsAsked } from "#web/notebook/version-outputs.ts"

/** The search goes over the document; the editors that are there are told what to mark. */
export function useFind() {
  const { notebook, desk } = useDesk()
  const queries = useQueryClient()
  const [query, setQuery] = useState<FindQuery>(EMPTY_QUERY)
  const [by, setBy] = useState("")
  const [current, setCurrent] = useState(-1)
  const [round, setRound] = useState(0)
  const [missing, setMissing] = useState(0)
  useEffect(() => notebook.texts.watchAll(() => setRound((was) => was + 1)), [notebook])
  const looksFar = query.inOutputs && query.text !== ""
  useEffect(() => {
    if (!looksFar) return setMissing(0)
    const stop = bringOutputs(notebook, queries, setMissing)
    const again = watchSlowly(notebook, () => setRound((was) => was + 1))
    return () => {
      stop()
      again()
    }
  }, [looksFar, notebook, queries])
  const held: Held = (version, cell) => queries.getQueryData(versionOutputsAsked(notebook.id, version).queryKey)?.get(cell)?.outputs ?? []
  // biome-ignore lint/correctness/useExhaustiveDependencies: a round is a change of the texts
  const found = useMemo(() => findAll(searchedIn(notebook, query.inOutputs, held), query), [notebook, query, round])
  const marks = useMarks(notebook, { matches: found.matches, current, query })
  const show = useCallback(
    (place: number) => {
      const match = found.matches[place]
      setCurrent(place)
      if (!match) return
      notebook.selection.set(at(match.cell, match.place === "source" && isProse(notebook, match.cell) ? "edit" : "command"))
      desk.reveal(match.cell, "center")
      const editor = notebook.editors.of(match.cell)
      if (match.place === "source" && editor) editor.dispatch({ selection: { anchor: match.from, head: match.to }, scrollIntoView: true })
      marks()
    },
    [found, notebook, desk, marks],
  )
  const step = (direction: 1 | -1) => show(current < 0 ? firstFrom(notebook, found.matches) : nextMatch(found.matches, current, direction))
  return {
    query,
    by,
    setBy,
    count: found.matches.filter((match) => match.place === "source").length,
    words: query.text === "" ? "" : found.problem !== "" ? found.problem : soFar(countWords(found.matches.length, current, found.isCut), missing),
    ask: (part: Partial<FindQuery>) => {
      setQuery((was) => ({ ...was, ...part }))
      setCurrent(-1)
    },
    step,
    replaceOne: () => {
      const match = found.matches[current]
      if (match?.place !== "source") return step(1)
      const text = notebook.draft.cell(match.cell)?.text
      if (text === undefined) return
      notebook.undo.stopCapturing()
      setSource(notebook.doc, match.cell, text.slice(0, match.from) + replacedMatch(text, match, { query, by }) + text.slice(match.to))
      setRound((was) => was + 1)
    },
    replaceAll: () => {
      const count = replaceAll(notebook, { query, by })
      setCurrent(-1)
      desk.say({ text: count === 1 ? "One cell was changed." : `${count} cells were changed.`, undo: () => notebook.undo.undo() })
    },
  }
}

function soFar(words: string, missing: number): string {
  return missing === 0 ? words : `${words}, ${counted(missing, "output")} to come`
}

const PAUSE_MS = 250

/** What cells show is searched again now and then while it changes. */
function watchSlowly({ state }: OpenNotebook, act: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const stop = state.subscribe(() => {
    timer ??= setTimeout(() => {
      timer = undefined
      act()
    }, PAUSE_MS)
  })
  return () => {
    stop()
    clearTimeout(timer)
  }
}

function isProse(notebook: OpenNotebook, cell: string): boolean {
  return notebook.structure.get().cells.get(cell)?.type === "markdown"
}

/** All of it is one step of undo. */
function replaceAll(notebook: OpenNotebook, { query, by }: { readonly query: FindQuery; readonly by: string }): number {
  let count = 0
  notebook.undo.stopCapturing()
  notebook.doc.transact(() => {
    for (const { id, text } of notebook.draft.cells()) {
      const next = replaced(text, query, by)
      if (next === text) continue
      setSource(notebook.doc, id, next)
      count++
    }
  }, PERSON)
  notebook.undo.stopCapturing()
  return count
}

/** The first match at or below the cell that has the focus. */
function firstFrom({ structure, selection }: OpenNotebook, matches: readonly Match[]): number {
  const places = new Map(structure.get().ids.map((id, place) => [id, place]))
  const here = places.get(selection.get().active) ?? 0
  return Math.max(
    0,
    matches.findIndex((match) => (places.get(match.cell) ?? 0) >= here),
  )
}

type Marked = { readonly matches: readonly Match[]; readonly current: number; readonly query: FindQuery }

function useMarks(notebook: OpenNotebook, { matches, current, query }: Marked): () => void {
  const mark = useCallback(() => {
    markOutputs(query.inOutputs ? inOutputs({ matches, current, query }) : undefined)
    const byCell = Map.groupBy(matches, (match) => match.cell)
    for (const [cell, editor] of notebook.editors.all()) {
      const here = byCell.get(cell)?.filter((match) => match.place === "source") ?? []
      markFound(
        editor,
        here.map(({ from, to }, place) => ({ from, to, isCurrent: here[place] === matches[current] })),
      )
    }
  }, [notebook, matches, current, query])
  useEffect(() => {
    mark()
    // Editors come and go with scrolling.
    const timer = setInterval(mark, 400)
    return () => clearInterval(timer)
  }, [mark])
  useEffect(
    () => () => {
      for (const [, editor] of notebook.editors.all()) markFound(editor, [])
      markOutputs(undefined)
    },
    [notebook],
  )
  return mark
}

function inOutputs({ matches, current, query }: Marked): Parameters<typeof markOutputs>[0] {
  const pattern = patternOf(query)
  if (typeof pattern === "string") return undefined
  const found = matches.filter((match) => match.place === "output")
  const chosen = matches[current]
  const at = chosen?.place === "output" ? found.filter((match) => match.cell === chosen.cell).indexOf(chosen) : -1
  return { cells: new Set(found.map((match) => match.cell)), pattern, current: chosen && at >= 0 ? { cell: chosen.cell, at } : undefined }
}

/** What a version holds for a cell, as far as it has been fetched. */
type Held = (version: number, cell: string) => readonly LiveOutput[]

function searchedIn({ draft, state }: OpenNotebook, inOutputs: boolean, held: Held): readonly Searched[] {
  const known = state.get()
  return draft.cells().map((cell) => {
    if (!inOutputs) return { cell: cell.id, source: cell.text, outputs: "" }
    const execution = shownExecution(known, cell.id, cell.shows)
    const version = cell.shows.startsWith("version:") ? Number(cell.shows.slice("version:".length)) : 0
    const outputs = execution === undefined ? held(version, cell.id) : (known.outputs.get(execution)?.outputs ?? [])
    return { cell: cell.id, source: cell.text, outputs: outputs.map(textIn).join("\n") }
  })
}

function textIn(output: LiveOutput): string {
  const data = output["data"] as { readonly [mime: string]: unknown } | undefined
  const said = output["text"] ?? data?.["text/plain"] ?? output["traceback"] ?? ""
  return withoutAnsi(Array.isArray(said) ? said.join(output["traceback"] ? "\n" : "") : String(said))
}
