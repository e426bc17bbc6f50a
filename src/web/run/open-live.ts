/** Opening a run, or a version, live: at once where that only computes, after a look at what it would do where it does more. */
import { useQueryClient } from "@tanstack/react-query"
import { useState } from "react"
import type { Answered, Body } from "#api/contract.ts"
import { api, asking, useForget } from "#web/app/api.ts"
import { useGo, usePrepare } from "#web/app/go.tsx"
import { notebookHref } from "#web/app/places.ts"
import { toastError } from "#web/app/toast.tsx"

export type LiveOf =
  | { readonly kind: "run"; readonly run: string; readonly path: string }
  | { readonly kind: "version"; readonly notebook: string; readonly version: number; readonly path: string }

export type LivePlan = Answered<"planLiveRun">
export type LiveAnswers = Omit<NonNullable<Body<"openLiveRun">>, "cell">

/** `withoutEnvironment`: the run's own could not be built. */
export function planOf(of: LiveOf, cell?: string, withoutEnvironment = false): Promise<LivePlan> {
  const query = cell === undefined || cell === "" ? {} : { cell }
  if (of.kind === "run")
    return api.call("planLiveRun", { params: { run: of.run }, query: { ...query, ...(withoutEnvironment ? { withoutEnvironment: "true" } : {}) } })
  return api.call("planLiveVersion", { params: { notebook: of.notebook, version: of.version }, query })
}

/** Whether it takes over the kernel that the run left. */
export function takesKernel({ kernel }: LivePlan, cell: string): boolean {
  return cell === "" && kernel?.is === "kept" && kernel.mayAttach
}

/** Nothing has to be asked first. */
function isPlain(plan: LivePlan): boolean {
  if (takesKernel(plan, "")) return plan.secretNames.length === 0
  return plan.writes.length === 0 && plan.secretNames.length === 0 && plan.environment.is !== "gone"
}

type Opened = Answered<"openLiveRun">

type Wish = { readonly cell: string; readonly answers: LiveAnswers }

function openIt(of: LiveOf, { cell, answers }: Wish): Promise<Opened> {
  const at = cell === "" ? {} : { cell }
  if (of.kind === "run") return api.call("openLiveRun", { params: { run: of.run }, body: { ...answers, ...at } })
  const { secrets, attach, withoutEnvironment, environment, into, ...rest } = answers
  return api.call("openLiveVersion", {
    params: { notebook: of.notebook, version: of.version },
    body: { ...rest, ...at, parameterTexts: secrets ?? {} },
  })
}

/** Opens it, and gives its address once the screen there can say what it is: until then the one that is there stays. */
export function useOpenReady(of: LiveOf): (wish: Wish) => Promise<string> {
  const prepare = usePrepare()
  const queries = useQueryClient()
  return async (wish) => {
    prepare(notebookHref("any"))
    const { notebook } = await openIt(of, wish)
    await queries.prefetchQuery(asking("getNotebook", { params: { notebook: notebook.id } }))
    return notebookHref(notebook.id)
  }
}

/** `open` goes there at once, or sets `isAsking`. */
export function useOpenLive(of: LiveOf) {
  const [isOpening, setOpening] = useState(false)
  const [isAsking, setAsking] = useState(false)
  const go = useGo()
  const openReady = useOpenReady(of)
  const forget = useForget()
  const open = async () => {
    setOpening(true)
    try {
      if (isPlain(await planOf(of))) {
        go(await openReady({ cell: "", answers: {} }))
        await forget()
      } else setAsking(true)
    } catch (error) {
      toastError(error)
    }
    setOpening(false)
  }
  return { isOpening, isAsking, open, ask: () => setAsking(true), close: () => setAsking(false) }
}

const KINDS: Readonly<Record<LivePlan["writes"][number]["kind"], string>> = {
  file: "writes files",
  sql: "changes tables",
  network: "sends over the network",
  process: "starts a process",
  unknown: "may do anything: its language is not read",
}

export type WritingLine = { readonly key: string; readonly index: number; readonly what: string; readonly does: string }

/** One line for each cell and kind, in their order. Pure. */
export function writingLines(writes: LivePlan["writes"]): readonly WritingLine[] {
  const lines = new Map<string, { readonly index: number; readonly whats: Set<string>; readonly does: string }>()
  for (const { cell, index, kind, what } of writes) {
    const key = `${cell} ${kind}`
    const line = lines.get(key) ?? { index, whats: new Set<string>(), does: KINDS[kind] }
    line.whats.add(what)
    lines.set(key, line)
  }
  return [...lines].map(([key, { index, whats, does }]) => ({ key, index, does, what: [...whats].join(", ") }))
}
