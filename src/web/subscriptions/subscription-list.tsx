import { Button } from "@mantine/core"
import { useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useForget } from "#web/app/api.ts"
import { ConfirmDialog } from "#web/app/confirm-dialog.tsx"
import { Go } from "#web/app/go.tsx"
import { notebookHref, templateHref } from "#web/app/places.ts"
import { Time } from "#web/app/time.tsx"
import { toast, toastError } from "#web/app/toast.tsx"
import css from "#web/subscriptions/subscriptions.module.css"

type Subscription = Answered<"listSubscriptions">["items"][number]

const WAY_WORDS: Readonly<Record<Subscription["way"], string>> = { inbox: "in the inbox", mail: "by mail", webhook: "by a webhook to" }

/** What one hears of, each to be ended; what does not arrive says why. `names`: which one it is of is said as well. */
export function SubscriptionList({ items, names = false }: { readonly items: readonly Subscription[]; readonly names?: boolean }) {
  const { end, undoably } = useEnding()
  const [asked, ask] = useState<Subscription>()
  if (items.length === 0 && !asked) return null
  return (
    <>
      <ul className={css["list"]} aria-label="Subscriptions">
        {items.map((one) => (
          <li key={one.id}>
            <What of={one} names={names} />
            <Button
              size="compact-sm"
              aria-label={`Unsubscribe from ${nameOf(one)}`}
              onClick={() => (one.way === "webhook" ? ask(one) : undoably(one))}
            >
              Unsubscribe
            </Button>
          </li>
        ))}
      </ul>
      {asked && (
        <ConfirmDialog title={`Unsubscribe from ${nameOf(asked)}?`} action="Unsubscribe" onConfirm={() => end(asked)} onClose={() => ask(undefined)}>
          <p>
            Nothing is sent to <code className={css["address"]}>{asked.address}</code> any more. Subscribed again, this webhook is signed with another
            secret.
          </p>
        </ConfirmDialog>
      )}
    </>
  )
}

function What({ of: { template, notebook, hears, way, address, problem, failedAt }, names }: { readonly of: Subscription; readonly names: boolean }) {
  return (
    <div>
      {names && template !== null && <Go href={templateHref(template)}>{template}</Go>}
      {names && notebook !== null && <Go href={notebookHref(notebook.id)}>{notebook.title}</Go>}
      <p>
        {hears === "all" ? "Every run" : "Failures"}, {WAY_WORDS[way]} {address !== "" && <code className={css["address"]}>{address}</code>}
      </p>
      {problem !== "" && failedAt !== null && (
        <p className={css["problem"]}>
          It did not arrive, <Time at={failedAt} />: {problem} It is tried again for about a day.
        </p>
      )}
    </div>
  )
}

function useEnding() {
  const forget = useForget()
  const end = async ({ id }: Subscription) => {
    await api.call("unsubscribe", { params: { subscription: id } })
    await forget()
  }
  const undoably = async (one: Subscription) => {
    const { hears, way, template, notebook } = one
    const of = template === null ? { notebook: notebook?.id ?? "" } : { template }
    const undo = () => api.call("subscribe", { body: { ...of, hears, way } }).then(forget)
    try {
      await end(one)
      toast({ text: `You hear no more of runs of ${nameOf(one)}.`, undo })
    } catch (error) {
      toastError(error)
    }
  }
  return { end, undoably }
}

function nameOf({ template, notebook }: Subscription): string {
  return template ?? notebook?.title ?? ""
}
