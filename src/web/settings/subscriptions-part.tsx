import { useApi } from "#web/app/api.ts"
import { Empty } from "#web/app/empty.tsx"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { Section } from "#web/settings/part.tsx"
import { SubscriptionList } from "#web/subscriptions/subscription-list.tsx"

export function SubscriptionsPart() {
  const { data, error, isPending, refetch } = useApi("listSubscriptions", { query: {} })
  return (
    <Section title="What you hear of" about="How runs of templates and notebooks ended: in your inbox, by mail, or by a webhook.">
      {error && !data ? <Problem error={error} retry={refetch} /> : null}
      {isPending && <SkeletonRows rows={3} />}
      {data?.items.length === 0 && (
        <Empty title="You hear of nothing yet">On a template’s page choose “Subscribe”; in the menu of a notebook, “Subscribe to its runs”.</Empty>
      )}
      {data && <SubscriptionList items={data.items} names />}
    </Section>
  )
}
