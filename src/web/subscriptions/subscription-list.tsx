import { Button } from "@mantine/core"
import type { Answered } from "#api/contract.ts"
import { api, useForget } from "#web/app/api.ts"
import { Go } from "#web/app/go.tsx"
import { notebookHref, templateHref } from "#web/app/places.ts"
import { Time } from "#web/app/time.tsx"
import { toastError } from "#web/app/toast.tsx"
import css from "#web/subscriptions/subscriptions.module.css"

type Subscription = Answered<"listSubscriptions">["items"][number]

const WAY_WORDS: Readonly<Record<Subscription["way"], string>> = { inbox: "in the inbox", mail: "by mail", webhook: "by a webhook to" }

/** What one hears of, each to be ended; what does not arrive says why. `names`: which one it is of is said as well. */
export function SubscriptionList({ items, names = false }: { readonly items: readonly Subscription[]; readonly names?: boolean }) {
  const forget = useForget()
  const end = async (id: string) => {
    await api.call("unsubscribe", { params: { subscription: id } }).catch(toastError)
    await forget()
  }
  if (items.length === 0) return null
  return (
    <ul className={css["list"]} aria-label="Subscriptions">
      {items.map(({ id, template, notebook, hears, way, address, problem, failedAt }) => (
        <li key={id}>
          <div>
            {names && template !== null && <Go href={templateHref(template)}>{template}</Go>}
            {names && notebook !== null && <Go href={notebookHref(notebook.id)}>{notebook.title}</Go>}
            <p>
              {hears === "all" ? "Every run" : "Failures"}, {WAY_WORDS[way]} {address !== "" && <code>{address}</code>}
            </p>
            {problem !== "" && failedAt !== null && (
              <p className={css["problem"]}>
                It did not arrive, <Time at={failedAt} />: {problem} It is tried again for about a day.
              </p>
            )}
          </div>
          <Button size="compact-sm" onClick={() => end(id)}>
            Unsubscribe
          </Button>
        </li>
      ))}
    </ul>
  )
}
