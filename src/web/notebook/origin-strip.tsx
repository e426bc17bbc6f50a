/** A notebook that was opened live says from what, how far its replay has come, and what can be done next. */
import { Button } from "@mantine/core"
import { IconBolt } from "@tabler/icons-react"
import { lazy, type ReactNode, Suspense, useEffect, useState } from "react"
import type { Answered } from "#api/contract.ts"
import { replayOf } from "#draft/index.ts"
import { useApi } from "#web/app/api.ts"
import { Go } from "#web/app/go.tsx"
import { runHref, versionsHref } from "#web/app/places.ts"
import { useDesk } from "#web/notebook/desk.tsx"
import { executionOf } from "#web/notebook/live-state.ts"
import css from "#web/notebook/notebook.module.css"
import { ReturnDialog } from "#web/notebook/return-dialog.tsx"
import { useStore } from "#web/notebook/use-store.ts"

const OpenLiveDialog = lazy(() => import("#web/run/open-live-dialog.tsx").then(({ OpenLiveDialog }) => ({ default: OpenLiveDialog })))

type Origin = Answered<"getLiveOrigin">

export function OriginStrip({ notebook: id }: { readonly notebook: string }) {
  const { notebook } = useDesk()
  const isOpenedLive = useStore(notebook.state, (state) => state.isOpenedLive)
  const origin = useApi("getLiveOrigin", { params: { notebook: id } }, { enabled: isOpenedLive })
  return isOpenedLive && origin.data ? <Strip id={id} origin={origin.data} /> : null
}

function Strip({ id, origin }: { readonly id: string; readonly origin: Origin }) {
  const { notebook, act, desk } = useDesk()
  const state = useStore(notebook.state, (all) => all)
  useStore(notebook.structure, (structure) => structure.ids)
  const [isReturning, setReturning] = useState(false)
  const [isChoosing, setChoosing] = useState(false)
  const session = state.session
  const cells = notebook.draft.cells()
  const place = (cell: string) => cells.findIndex((each) => each.id === cell) + 1
  const replay = replayOf(cells, origin.until, (cell) => {
    const one = executionOf(state, cell)
    return one?.session === session?.id ? one?.state : undefined
  })
  const { until } = origin
  // What one came for is in view from the beginning.
  useEffect(() => {
    if (until !== "") desk.reveal(until, "center")
  }, [desk, until])
  const isAlive = session !== null && !["dead", "lost", "ended"].includes(session.state)
  // Its environment could not be had, so that there was nothing to start a kernel in.
  const neverBegan = session !== null && !isAlive && session.environment === ""
  const said = saidOf({ origin, replay, place, isStarting: session?.state === "starting" || session === null, neverBegan })
  const runRest = () => {
    if (origin.until !== "" && place(origin.until) > 0) {
      desk.reveal(origin.until, "center")
      notebook.selection.set({ ...notebook.selection.get(), active: origin.until, anchor: origin.until })
    }
    act("run.below")
  }
  return (
    <div className={css["strip"]} data-kind="quiet" role="status" aria-label="Opened live">
      <IconBolt size={16} aria-hidden="true" />
      <span>
        From <From origin={origin} />. {said}
      </span>
      {state.you?.mayRun && isAlive && replay.is === "running" && !origin.isAttached && (
        <Button onClick={() => act("kernel.interrupt")}>Cancel</Button>
      )}
      {state.you?.mayRun && isAlive && (replay.is === "done" || origin.isAttached) && origin.until !== "" && (
        <Button onClick={runRest}>Run the rest</Button>
      )}
      {state.you?.mayEdit && origin.notebook && <Button onClick={() => setReturning(true)}>Save as version {origin.notebook.latest + 1}…</Button>}
      {state.you?.mayEdit && neverBegan && origin.run !== null && <Button onClick={() => setChoosing(true)}>Open it in another environment…</Button>}
      {isChoosing && origin.run !== null && (
        <Suspense>
          <OpenLiveDialog of={{ kind: "run", run: origin.run, path: origin.notebook?.path ?? "" }} into={id} onClose={() => setChoosing(false)} />
        </Suspense>
      )}
      {isReturning && origin.notebook && <ReturnDialog id={id} origin={origin} onClose={() => setReturning(false)} />}
    </div>
  )
}

function From({ origin: { run, notebook, version } }: { readonly origin: Origin }): ReactNode {
  const words = run ? `the run ${run.slice(-6)}` : `version ${version}`
  const of = notebook ? ` of ${notebook.path}` : ""
  if (run) return <Go href={runHref(run)}>{`${words}${of}, version ${version}`}</Go>
  return notebook ? <Go href={versionsHref(notebook.id, version)}>{`${words}${of}`}</Go> : words
}

type Saying = {
  readonly origin: Origin
  readonly replay: ReturnType<typeof replayOf>
  readonly place: (cell: string) => number
  readonly isStarting: boolean
  readonly neverBegan: boolean
}

function saidOf({ origin, replay, place, isStarting, neverBegan }: Saying): string {
  const before = origin.until !== "" && place(origin.until) > 0 ? ` Cell ${place(origin.until)} is where it ${origin.run ? "failed" : "stops"}.` : ""
  if (neverBegan) return `Its environment could not be had, so that no cell was run.${before}`
  if (origin.isAttached) return `This is the kernel that the run left.${before}`
  if (isStarting && replay.is !== "done") return "Its kernel is starting."
  if (replay.is === "running") return `${replay.done} of ${replay.total} cells are run again, now cell ${place(replay.at)}.`
  if (replay.is === "stopped") return `The replay stopped at cell ${place(replay.at)}, before the end it was to reach: mend that cell and run it.`
  if (replay.total === 0) return `No cell had to be run again.${before}`
  return `${replay.total === 1 ? "The cell before is" : `All ${replay.total} cells before are`} run again.${before}`
}
