/** Everything that can be run by name. */
import { TextInput } from "@mantine/core"
import { IconSearch } from "@tabler/icons-react"
import { useApi } from "#web/app/api.ts"
import { Empty } from "#web/app/empty.tsx"
import { one, useFilters } from "#web/app/filters.ts"
import { Page } from "#web/app/page.tsx"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { ExamplesPart } from "#web/templates/examples-part.tsx"
import { OpenProposals } from "#web/templates/open-proposals.tsx"
import { TemplateList } from "#web/templates/template-list.tsx"
import css from "#web/templates/templates.module.css"

export function TemplatesPage() {
  const [filters, change] = useFilters()
  const q = one(filters, "q") ?? ""
  const found = useApi("listTemplates", { query: q === "" ? {} : { q } })
  const items = found.data?.items
  return (
    <Page title="Templates">
      <div className={css["top"]}>
        <h1>Templates</h1>
        <TextInput
          aria-label="Name or title"
          placeholder="Name or title"
          leftSection={<IconSearch size={14} aria-hidden="true" />}
          defaultValue={q}
          onChange={(event) => change({ q: event.currentTarget.value })}
        />
      </div>
      <OpenProposals />
      {found.error && !items ? <Problem error={found.error} retry={found.refetch} /> : null}
      {found.isPending && <SkeletonRows rows={4} />}
      {items?.length === 0 && (
        <Empty title={q === "" ? "Nothing can be run by name yet" : "No template is called so"}>
          {q === ""
            ? "Open a notebook, and choose “Propose as template…” from its menu: it is run afresh with its tests, somebody approves, and from then on everybody runs it by its name."
            : "Try a part of the name or of the title."}
        </Empty>
      )}
      {q === "" && <ExamplesPart />}
      {items && <TemplateList templates={items} />}
    </Page>
  )
}
