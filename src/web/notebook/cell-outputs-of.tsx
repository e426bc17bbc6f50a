/** What a cell shows below its source: an execution's outputs as they come, or those of a saved version. */
import { useEffect, useRef } from "react"
import type { LiveOutput } from "#api/live.ts"
import { sizeWords } from "#web/app/words.ts"
import css from "#web/notebook/cell.module.css"
import { useDesk, useMay } from "#web/notebook/desk.tsx"
import { InputBox } from "#web/notebook/input-box.tsx"
import { shownExecution } from "#web/notebook/live-state.ts"
import { MissingPackage } from "#web/notebook/missing-package.tsx"
import { useOpenCell } from "#web/notebook/open-cell.ts"
import { useSessionComm } from "#web/notebook/session-comm.ts"
import type { CellShape } from "#web/notebook/structure.ts"
import { useStore } from "#web/notebook/use-store.ts"
import { useVersionOutputs } from "#web/notebook/version-outputs.ts"
import { CellOutputs } from "#web/outputs/cell-outputs.tsx"

const NONE: readonly LiveOutput[] = []

export function OutputsOf({ cell, scrolls }: { readonly cell: CellShape; readonly scrolls: boolean }) {
  const { notebook } = useDesk()
  const may = useMay()
  const execution = useStore(notebook.state, (state) => shownExecution(state, cell.id, cell.shows))
  const view = useStore(notebook.state, (state) => (execution === undefined ? undefined : state.executions.get(execution)))
  const shown = useStore(notebook.state, (state) => (execution === undefined ? undefined : state.outputs.get(execution)))
  const version = useVersionOutputs(notebook.id, execution === undefined ? cell.shows : "", cell.id)
  const isRunning = view?.state === "running"
  useEffect(() => {
    if (execution !== undefined && (!shown || shown.next < 0)) notebook.wantOutputs(execution)
  }, [notebook, execution, shown])
  const now = execution === undefined ? (version?.outputs ?? NONE) : (shown?.outputs ?? NONE)
  const held = useHeld(now, isRunning || (execution !== undefined && shown === undefined))
  const place = useReserved(isRunning)
  const openCell = useOpenCell()
  const sessionComm = useSessionComm()
  const isSaid = view !== undefined && view.explanation !== "" && view.state !== "failed"
  if (held.outputs.length === 0 && !view?.input && !isSaid) return null
  return (
    <div
      ref={place}
      className={`${css["outputs"]} ${scrolls ? css["scrolls"] : ""} ${held.isOld ? css["old"] : ""}`}
      aria-busy={isRunning || undefined}
    >
      {held.outputs.length > 0 && (
        <CellOutputs outputs={held.outputs} scope={notebook.id} cell={cell.id} onOpenCell={openCell} sessionComm={sessionComm} />
      )}
      {!isRunning && <MissingPackage outputs={held.outputs} />}
      {shown && shown.overflowBytes > 0 && (
        <p className={css["note"]}>{sizeWords(shown.overflowBytes)} more were printed than a cell shows. Write them to a file to keep them.</p>
      )}
      {view?.input && <InputBox execution={view.id} input={view.input} mayRun={may.run} />}
      {isSaid && <p className={css["note"]}>{view.explanation}</p>}
    </div>
  )
}

/** What was shown before stays until the run has something to show, so that nothing jumps up and down again. */
function useHeld(outputs: readonly LiveOutput[], isWaiting: boolean): { readonly outputs: readonly LiveOutput[]; readonly isOld: boolean } {
  const last = useRef(outputs)
  const isOld = isWaiting && outputs.length === 0 && last.current.length > 0
  const held = isOld ? last.current : outputs
  useEffect(() => {
    last.current = held
  })
  return { outputs: held, isOld }
}

/** While it runs, what is shown keeps at least the height that it had. */
function useReserved(isRunning: boolean) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = place.current
    if (!element || !isRunning) return
    element.style.minHeight = `${Math.min(element.offsetHeight, 600)}px`
    return () => {
      element.style.minHeight = ""
    }
  }, [isRunning])
  return place
}
