/** The page of one notebook: who may see it sees it, who may edit it edits it with everybody else who is here. */
import { useQueryClient } from "@tanstack/react-query"
import { lazy, Suspense, useEffect, useRef, useState } from "react"
import { isAbsent, useApi } from "#web/app/api.ts"
import { useMe } from "#web/app/me.ts"
import { Page } from "#web/app/page.tsx"
import { useParam } from "#web/app/params.ts"
import { versionsHref } from "#web/app/places.ts"
import { Problem } from "#web/app/problem.tsx"
import { toast } from "#web/app/toast.tsx"
import { CLOSED_WITH } from "#web/notebook/closed-with.ts"
import { crumbsOf } from "#web/notebook/crumbs.ts"
import { liveUrl, takeBegun } from "#web/notebook/early.ts"
import { openKeptEdits } from "#web/notebook/kept-edits.ts"
import { NotebookSkeleton } from "#web/notebook/notebook-skeleton.tsx"
import { NotebookView } from "#web/notebook/notebook-view.tsx"
import { type OpenNotebook, openNotebook, type Refusal, type RestoredByOther } from "#web/notebook/open-notebook.ts"
import type { Rejected } from "#web/notebook/rejected.tsx"
import { versionOutputsAsked } from "#web/notebook/version-outputs.ts"
import { AskAccess } from "#web/space/ask-access.tsx"

const CodeHidden = lazy(() => import("#web/notebook/code-hidden.tsx").then((loaded) => ({ default: loaded.CodeHidden })))

export function NotebookPage() {
  const id = useParam("notebook")
  const notebook = useApi("getNotebook", { params: { notebook: id } })
  if (notebook.error && !notebook.data)
    return (
      <Page title="Notebook" width="reading">
        {isAbsent(notebook.error) ? <AskAccess to={{ notebook: id }} /> : <Problem error={notebook.error} retry={notebook.refetch} />}
      </Page>
    )
  if (notebook.data?.may?.readCode === false)
    return (
      <Suspense>
        <CodeHidden info={notebook.data} />
      </Suspense>
    )
  return <Opened key={id} id={id} info={notebook.data} onShut={notebook.refetch} />
}

type Info = ReturnType<typeof useApi<"getNotebook">>["data"]

type OpenedProps = { readonly id: string; readonly info: Info; readonly onShut: () => unknown }

function Opened({ id, info, onShut }: OpenedProps) {
  const { open, rejected, forgetRejected } = useOpenNotebook(id)
  useShut(open, onShut)
  useEarlyOutputs(id, info?.latest)
  if (!open || !info)
    return (
      <Page title={info?.title ?? "Notebook"} crumbs={info ? crumbsOf(info) : [{ label: "…" }]} width="full">
        <NotebookSkeleton />
      </Page>
    )
  return <NotebookView notebook={open} info={info} rejected={rejected} onForget={forgetRejected} />
}

/** Somebody who may see it no more, in the middle of reading, is told what is left to them. */
function useShut(open: OpenNotebook | null, onShut: () => unknown): void {
  const tell = useRef(onShut)
  tell.current = onShut
  useEffect(
    () =>
      open?.live.line.subscribe(() => {
        if (open.live.line.get().code === CLOSED_WITH.mayNot) tell.current()
      }),
    [open],
  )
}

/** Outputs of the newest version are what most cells show: asked for beside the draft, not after it. */
function useEarlyOutputs(id: string, latest: number | undefined): void {
  const queries = useQueryClient()
  useEffect(() => {
    if (latest) queries.prefetchQuery(versionOutputsAsked(id, latest))
  }, [queries, id, latest])
}

/** A document that an edit was refused in cannot be continued: it is opened anew, and what was lost by that is offered as a copy. */
function useOpenNotebook(id: string) {
  const { person } = useMe()
  const [open, setOpen] = useState<OpenNotebook | null>(null)
  const [round, setRound] = useState(0)
  const [rejected, setRejected] = useState<Rejected | null>(null)
  const { id: me, name } = person
  useEffect(() => {
    let isGone = false
    let notebook: OpenNotebook | null = null
    const onRefused = (refusal: Refusal) => {
      if (notebook) setRejected(rejectedIn(notebook, refusal))
      setRound((was) => was + 1)
    }
    const begin = async () => {
      const kept = await openKeptEdits(indexedDB, `${id} ${me}`).catch(() => null)
      // What was refused once would be refused again.
      if (round > 0 && kept) await kept.all().then((all) => kept.forget(all.map((each) => each.key)))
      if (isGone) return kept?.close()
      notebook = openNotebook({
        id,
        kept,
        me: { id: me, name },
        world: browserWorld(id),
        onRefused,
        onRestored: (restored) => sayRestored(id, restored),
      })
      setOpen(notebook)
    }
    begin()
    return () => {
      isGone = true
      notebook?.close()
      setOpen(null)
    }
  }, [id, me, name, round])
  useWakeUp(open)
  return { open, rejected, forgetRejected: () => setRejected(null) }
}

/** What one reads or types in has changed under one's hands: who did that, and where it stands. */
function sayRestored(id: string, { version, before, by }: RestoredByOther): void {
  const go = () => globalThis.open(versionsHref(id, before), "_blank", "noopener")
  toast({ text: `${by} restored version ${version}. What stood here until then is version ${before}.`, action: { word: "Open", do: go } })
}

function rejectedIn({ draft }: OpenNotebook, { message }: Refusal): Rejected {
  return { message, texts: new Map(draft.cells().map((cell) => [cell.id, cell.text])) }
}

function browserWorld(id: string) {
  return {
    openSocket: () => new WebSocket(liveUrl(id)),
    takeBegun: () => takeBegun(id),
    after: (ms: number, act: () => void) => {
      const timer = setTimeout(act, ms)
      return () => clearTimeout(timer)
    },
    chance: Math.random,
    // A page that nobody looks at is not drawn, and has no frames.
    onFrame: (act: () => void) => void (document.hidden ? setTimeout(act, 50) : requestAnimationFrame(act)),
  }
}

/** A lid that opens and a network that is back are reasons not to wait for the next turn. */
function useWakeUp(open: OpenNotebook | null): void {
  useEffect(() => {
    if (!open) return
    const wake = () => document.visibilityState === "visible" && open.live.retry()
    globalThis.addEventListener("online", wake)
    document.addEventListener("visibilitychange", wake)
    return () => {
      globalThis.removeEventListener("online", wake)
      document.removeEventListener("visibilitychange", wake)
    }
  }, [open])
}
