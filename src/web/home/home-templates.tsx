/** What one may run by its name: what is run most comes first. */
import { Button } from "@mantine/core"
import { useApi } from "#web/app/api.ts"
import { Empty } from "#web/app/empty.tsx"
import { Go } from "#web/app/go.tsx"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { TemplateList } from "#web/templates/template-list.tsx"

const MOST = 20

export function HomeTemplates() {
  const found = useApi("listTemplates", { query: { may: "run", order: "used", limit: MOST } })
  const items = found.data?.items
  if (found.error && !items) return <Problem error={found.error} retry={found.refetch} />
  if (!items) return <SkeletonRows rows={4} />
  const gallery = (
    <Button component={Go} href="/templates">
      All templates
    </Button>
  )
  if (items.length === 0)
    return (
      <Empty title="Nothing that you may run by name yet" actions={gallery}>
        A template is a notebook that was proven and approved: whoever may run it fills a form and gets a report.
      </Empty>
    )
  return (
    <>
      <TemplateList templates={items} />
      <p>{gallery}</p>
    </>
  )
}
