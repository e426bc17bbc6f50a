/** Hearing how the runs of a template end. */
import { Button, Modal, Select, TextInput } from "@mantine/core"
import { type FormEvent, useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useApi, useForget } from "#web/app/api.ts"
import { CopyField } from "#web/app/copy-field.tsx"
import { Wrong } from "#web/app/problem.tsx"
import { SubscriptionList } from "#web/subscriptions/subscription-list.tsx"
import css from "#web/subscriptions/subscriptions.module.css"

type Way = Answered<"listSubscriptions">["ways"][number]

const WAYS: Readonly<Record<Way, string>> = { inbox: "In my inbox", mail: "By mail to me", webhook: "By a webhook" }
const HEARS = [
  { value: "failures", label: "When a run fails" },
  { value: "all", label: "When any run ends" },
]

export function SubscribeDialog({ template, onClose }: { readonly template: string; readonly onClose: () => void }) {
  const known = useApi("listSubscriptions", { query: { template } })
  const forget = useForget()
  const [now, set] = useState({ hears: "failures" as "all" | "failures", way: "inbox" as Way, address: "" })
  const [secret, setSecret] = useState("")
  const [error, setError] = useState<unknown>()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setError(undefined)
    try {
      const { hears, way, address } = now
      const made = await api.call("subscribe", { body: { template, hears, way, ...(way === "webhook" ? { address } : {}) } })
      setSecret(made.secret)
      await forget()
    } catch (thrown) {
      setError(thrown)
    }
  }
  return (
    <Modal opened onClose={onClose} title={`Hear of runs of ${template}`} size="lg">
      <div className={css["parts"]}>
        <form className={css["form"]} onSubmit={submit}>
          <div className={css["row"]}>
            <Select label="When" data={HEARS} value={now.hears} onChange={(hears) => set({ ...now, hears: hears === "all" ? "all" : "failures" })} />
            <Select
              label="How"
              data={(known.data?.ways ?? ["inbox"]).map((value) => ({ value, label: WAYS[value] }))}
              value={now.way}
              onChange={(way) => set({ ...now, way: (way ?? "inbox") as Way })}
            />
          </div>
          {now.way === "webhook" && (
            <TextInput
              label="Address"
              placeholder="https://"
              value={now.address}
              onChange={(event) => set({ ...now, address: event.currentTarget.value })}
            />
          )}
          <Wrong error={error} />
          <Button type="submit" variant="filled">
            Subscribe
          </Button>
        </form>
        {secret !== "" && (
          <div className={css["once"]} role="status">
            <strong>What this webhook is signed with: it is not shown again.</strong>
            <CopyField text={secret} label="The secret of the webhook" />
          </div>
        )}
        <SubscriptionList items={known.data?.items ?? []} />
      </div>
    </Modal>
  )
}
