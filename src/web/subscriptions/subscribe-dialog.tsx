/** Hearing how the runs of a template, or of a notebook, end. */
import { Button, Modal, Select, TextInput } from "@mantine/core"
import { useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useApi } from "#web/app/api.ts"
import { CopyField } from "#web/app/copy-field.tsx"
import { Problem, Wrong } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { useSubmit } from "#web/app/submit.ts"
import { SubscriptionList } from "#web/subscriptions/subscription-list.tsx"
import css from "#web/subscriptions/subscriptions.module.css"

type Way = Answered<"listSubscriptions">["ways"][number]

/** What one hears of: a template by its name, or a notebook. */
export type HeardOf = { readonly template: string } | { readonly notebook: string; readonly title: string }

const WAYS: Readonly<Record<Way, string>> = { inbox: "In my inbox", mail: "By mail to me", webhook: "By a webhook" }
const HEARS = [
  { value: "failures", label: "When a run fails" },
  { value: "all", label: "When any run ends" },
]

type Props = { readonly of: HeardOf; readonly onClose: () => void }

export function SubscribeDialog({ of, onClose }: Props) {
  const about = "template" in of ? { template: of.template } : { notebook: of.notebook }
  const known = useApi("listSubscriptions", { query: about })
  return (
    <Modal opened onClose={onClose} title={`Hear of runs of ${"template" in of ? of.template : `“${of.title}”`}`} size="lg">
      <div className={css["parts"]}>
        {known.error && !known.data ? <Problem error={known.error} retry={known.refetch} /> : null}
        {known.isPending && <SkeletonRows rows={3} />}
        {known.data && <Form about={about} ways={known.data.ways} />}
        {known.data && <SubscriptionList items={known.data.items} />}
      </div>
    </Modal>
  )
}

type FormProps = { readonly about: { readonly template: string } | { readonly notebook: string }; readonly ways: readonly Way[] }

function Form({ about, ways }: FormProps) {
  const [now, set] = useState({ hears: "failures" as "all" | "failures", way: "inbox" as Way, address: "" })
  const [secret, setSecret] = useState("")
  const { submit, error, isDoing } = useSubmit(async () => {
    const { hears, way, address } = now
    const made = await api.call("subscribe", { body: { ...about, hears, way, ...(way === "webhook" ? { address } : {}) } })
    setSecret(made.secret)
  })
  return (
    <>
      <form className={css["form"]} onSubmit={submit}>
        <div className={css["row"]}>
          <Select
            label="When"
            allowDeselect={false}
            data={HEARS}
            value={now.hears}
            onChange={(hears) => set({ ...now, hears: hears === "all" ? "all" : "failures" })}
          />
          <Select
            label="How"
            allowDeselect={false}
            data={ways.map((value) => ({ value, label: WAYS[value] }))}
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
        <p className={css["about"]}>Of runs that you may see, as long as you may see them. Runs of tests are not told of.</p>
        <Wrong error={error} />
        <Button type="submit" variant="filled" loading={isDoing}>
          Subscribe
        </Button>
      </form>
      {secret !== "" && (
        <div className={css["once"]} role="status">
          <strong>What this webhook is signed with: it is not shown again.</strong>
          <CopyField text={secret} label="The secret of the webhook" />
        </div>
      )}
    </>
  )
}
