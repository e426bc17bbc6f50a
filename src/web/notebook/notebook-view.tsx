/** An open notebook on the screen: top bar, rails, cells, and the keyboard over all of it. */
import "#web/notebook/editor-sheets.css"
import { lazy, type RefObject, Suspense, useCallback, useEffect, useMemo, useRef } from "react"
import { Page } from "#web/app/page.tsx"
import { useWhenPrinting } from "#web/app/printing.ts"
import { toast } from "#web/app/toast.tsx"
import { act } from "#web/notebook/act.ts"
import { Banner } from "#web/notebook/banner.tsx"
import type { Command } from "#web/notebook/bindings.ts"
import { cellClipboard } from "#web/notebook/cell-clipboard.ts"
import { CellList } from "#web/notebook/cell-list.tsx"
import { CommentsRail } from "#web/notebook/comments-rail.tsx"
import { completeIn } from "#web/notebook/complete-in.ts"
import { crumbsOf, type NotebookInfo } from "#web/notebook/crumbs.ts"
import { type DeskContextValue, DeskProvider } from "#web/notebook/desk.tsx"
import type { Desk } from "#web/notebook/desk-type.ts"
import { FindBar } from "#web/notebook/find-bar.tsx"
import { browserIdle, hydrationIn } from "#web/notebook/hydration.ts"
import { InsertEnd } from "#web/notebook/insert-line.tsx"
import css from "#web/notebook/notebook.module.css"
import { NotebookSkeleton } from "#web/notebook/notebook-skeleton.tsx"
import type { OpenNotebook } from "#web/notebook/open-notebook.ts"
import { Rails } from "#web/notebook/rails.tsx"
import { type Rejected, RejectedDialog } from "#web/notebook/rejected.tsx"
import { watchStale } from "#web/notebook/stale.ts"
import { Actions, Aside } from "#web/notebook/top-bar.tsx"
import { useFirstCell } from "#web/notebook/use-first-cell.ts"
import { useClipboard, useKeys } from "#web/notebook/use-keys.ts"
import { useStore } from "#web/notebook/use-store.ts"
import { type RowWindow, useWindow } from "#web/notebook/use-window.ts"
import { printWhenDrawn } from "#web/outputs/when-drawn.ts"
import { ReadinessProvider } from "#web/readiness/readiness.tsx"

const DIALOGS_AFTER_MS = 2_000
const fetchDialogs = () => import("#web/notebook/dialogs.tsx")
const Dialogs = lazy(() => fetchDialogs().then((loaded) => ({ default: loaded.Dialogs })))

type Props = { readonly notebook: OpenNotebook; readonly info: NotebookInfo; readonly rejected: Rejected | null; readonly onForget: () => void }

export function NotebookView({ notebook, info, rejected, onForget }: Props) {
  const scroller = useRef<HTMLDivElement>(null)
  const isPrinting = useStore(notebook.view, (view) => view.isPrinting)
  const isSynced = useStore(notebook.live.line, (line) => line.isSynced)
  const hasDialog = useStore(notebook.view, (view) => view.dialog !== null)
  const hasComments = useStore(notebook.view, (view) => view.comments)
  const rows = useWindow(notebook, scroller, isPrinting)
  const value = useDeskValue(notebook, rows, scroller)
  useFirstCell(value, isSynced)
  usePrint(notebook)
  // Before one is asked for, so that it is there at once, and also when the server is away.
  useEffect(() => browserIdle.after(DIALOGS_AFTER_MS, () => void fetchDialogs().catch(() => undefined)), [])
  const page = useHeightBelow()
  return (
    <DeskProvider value={value}>
      <ReadinessProvider>
        <Page title={info.title} crumbs={crumbsOf(info)} aside={<Aside info={info} />} actions={<Actions info={info} />} width="full">
          <h1 className="unseen">{info.title}</h1>
          <div ref={page} className={css["page"]} data-printing={isPrinting || undefined} data-comments={hasComments || undefined}>
            <Rails info={info} />
            <div className={css["middle"]}>
              <Banner info={info} />
              <FindBar />
              <div ref={scroller} className={css["scroller"]} data-scroller="" onScroll={value.hydration.scrolled}>
                <div className={css["breadth"]}>
                  {isSynced ? <CellList rows={rows} /> : <NotebookSkeleton />}
                  {isSynced && <InsertEnd />}
                </div>
              </div>
            </div>
            <CommentsRail info={info} />
          </div>
          {hasDialog && (
            <Suspense>
              <Dialogs info={info} />
            </Suspense>
          )}
          {rejected && <RejectedDialog rejected={rejected} onClose={onForget} />}
        </Page>
      </ReadinessProvider>
    </DeskProvider>
  )
}

/** Printed from the browser's own menu, all cells are there as well. */
function usePrint(notebook: OpenNotebook): void {
  useWhenPrinting(useCallback((isPrinting: boolean) => notebook.view.change((was) => ({ ...was, isPrinting })), [notebook]))
}

/** Tells the style sheet how much of the screen is above the page. */
function useHeightBelow(): RefObject<HTMLDivElement | null> {
  const page = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const measure = () => {
      const element = page.current
      if (element) element.style.setProperty("--above", `${Math.round(element.getBoundingClientRect().top + globalThis.scrollY)}px`)
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(document.body)
    return () => observer.disconnect()
  }, [])
  return page
}

const staleWorld = { now: () => performance.now(), later: browserIdle.whenIdle }

function useDeskValue(notebook: OpenNotebook, rows: RowWindow, scroller: RefObject<HTMLDivElement | null>): DeskContextValue {
  const { reveal, observeRow } = rows
  const desk = useMemo(() => deskOf(notebook, reveal, scroller), [notebook, reveal, scroller])
  const hydration = useMemo(() => hydrationIn(browserIdle), [])
  useEffect(() => () => hydration.close(), [hydration])
  const { stale, close } = useMemo(() => watchStale(notebook, staleWorld), [notebook])
  useEffect(() => close, [close])
  const complete = useMemo(() => completeIn(notebook), [notebook])
  const perform = useCallback((command: Command) => act(desk, command), [desk])
  const onKey = useKeys(notebook, perform)
  useClipboard(desk)
  return useMemo(
    () => ({ notebook, desk, act: perform, onKey, hydration, complete, stale, observeRow }),
    [notebook, desk, perform, onKey, hydration, complete, stale, observeRow],
  )
}

function deskOf(notebook: OpenNotebook, reveal: RowWindow["reveal"], scroller: RefObject<HTMLDivElement | null>): Desk {
  return {
    notebook,
    reveal,
    scroll: (screens) => scroller.current?.scrollBy({ top: scroller.current.clientHeight * screens }),
    focusCell: (cell) => {
      notebook.editors.forgetWish()
      const enter = () => {
        const { active, mode } = notebook.selection.get()
        if (active !== cell || mode !== "command") return
        scroller.current?.querySelector<HTMLElement>(`[data-cell="${CSS.escape(cell)}"]`)?.focus({ preventScroll: true })
      }
      // At once, or a row that moves in this frame takes the focus back into the editor that was left.
      enter()
      // The row may be on its way.
      requestAnimationFrame(enter)
    },
    say: toast,
    clipboard: cellClipboard(),
    print: () => {
      notebook.view.change((was) => ({ ...was, isPrinting: true }))
      // What was not on the screen has to be drawn first.
      setTimeout(printWhenDrawn, 400)
    },
  }
}
