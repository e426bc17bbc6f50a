/** The kernel that a failed run left: until when, who may have it, who has it, and what can be done about that. */
import { Button } from "@mantine/core"
import { lazy, type ReactNode, Suspense, useState } from "react"
import { api, useApi, useForget } from "#web/app/api.ts"
import { useNow } from "#web/app/clock.ts"
import { ConfirmDialog } from "#web/app/confirm-dialog.tsx"
import { Go } from "#web/app/go.tsx"
import { useMe } from "#web/app/me.ts"
import { notebookHref } from "#web/app/places.ts"
import { Time } from "#web/app/time.tsx"
import type { Held } from "#web/run/kernel-dialog.tsx"
import { useMayRun } from "#web/run/rights.ts"
import css from "#web/run/run.module.css"
import type { RunView } from "#web/runs/pages.ts"

const KernelDialog = lazy(() => import("#web/run/kernel-dialog.tsx").then(({ KernelDialog }) => ({ default: KernelDialog })))

const ENDED: Readonly<Record<string, string>> = {
  attached: "Its kernel was taken over.",
  expired: "Its kernel was kept for a while, and is gone now.",
  died: "Its kernel was kept, and has died since.",
  let_go: "Its kernel was kept, and was let go.",
  not_kept: "Its kernel was not kept: there was no room for it, or it could not be rid of its secrets.",
  worker_stopped: "Its kernel was kept, and went when its worker was stopped.",
  worker_gone: "Its kernel was kept, and went with its worker.",
}

export function LeftKernel({ run }: { readonly run: RunView }) {
  const { keptKernel } = run
  const mayRun = useMayRun(run.notebook.id, run.space.name)
  const now = useNow(keptKernel?.is === "kept" ? "seconds" : "slow")
  const isAsked = keptKernel?.is === "kept" || keptKernel?.is === "attached"
  const held = useApi("getKernel", { params: { run: run.id } }, { enabled: mayRun && isAsked }).data
  if (!keptKernel) return null
  const { is, until } = keptKernel
  if (is === "attached" && held?.takenOver) return <TakenOver by={held.takenOver} />
  if (is !== "kept") return <p className={css["next"]}>{ENDED[is]}</p>
  if (Date.parse(until) <= now) return <p className={css["next"]}>{ENDED["expired"]}</p>
  return (
    <>
      <p className={css["next"]}>
        Its kernel is kept, and ends <Time at={until} />. {held && <Whose held={held} />}
      </p>
      {held && <Acts run={run.id} held={held} />}
    </>
  )
}

function TakenOver({ by: { by, at, notebook } }: { readonly by: NonNullable<Held["takenOver"]> }) {
  return (
    <p className={css["next"]}>
      Its kernel was taken over by <bdi>{by.name}</bdi>, <Time at={at} />
      {notebook && (
        <>
          : it goes on in <Go href={notebookHref(notebook.id)}>{notebook.title}</Go>
        </>
      )}
      .
    </p>
  )
}

/** Who takes it over when they open the run live. */
function Whose({ held: { of, people, mayAllow, mayAttach } }: { readonly held: Held }): ReactNode {
  const me = useMe().person.id
  const others = people.flatMap(({ person }) => (person.id === me ? [] : [person.name]))
  if (mayAllow)
    return (
      <>
        Opened live, you take it over as it stands{others.length > 0 && <>; so may {listed(others)}</>}. It holds what was read with your rights:
        nobody else has it, unless you let them.
      </>
    )
  if (mayAttach)
    return (
      <>
        <bdi>{of.name}</bdi> lets you have it: opened live, you take it over as it stands.
      </>
    )
  return (
    <>
      It holds what was read with the rights of <bdi>{of.name}</bdi>, who alone may take it over, or let you. Opened live by you, the cells before are
      run again.
    </>
  )
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`
}

function Acts({ run, held }: { readonly run: string; readonly held: Held }) {
  const [open, setOpen] = useState<"people" | "end">()
  const forget = useForget()
  const close = () => setOpen(undefined)
  const end = () => api.call("letKernelGo", { params: { run } }).then(forget)
  return (
    <div className={css["steps"]}>
      {held.mayAllow && <Button onClick={() => setOpen("people")}>Who may have it…</Button>}
      <Button onClick={() => setOpen("end")}>Let it go…</Button>
      {open === "people" && (
        <Suspense>
          <KernelDialog run={run} held={held} onClose={close} />
        </Suspense>
      )}
      {open === "end" && (
        <ConfirmDialog title="Let the kernel go?" action="Let it go" onConfirm={end} onClose={close}>
          <p>
            It ends now, and what it holds in memory is lost. The run itself and its result stay. Opened live after that, its cells are run again.
          </p>
        </ConfirmDialog>
      )}
    </div>
  )
}
