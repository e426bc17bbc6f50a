/** Everything that can be run by name. */
import { TextInput } from "@mantine/core"
import { IconSearch } from "@tabler/icons-react"
import type { Answered } from "#api/contract.ts"
import { useApi } from "#web/app/api.ts"
import { Empty } from "#web/app/empty.tsx"
import { one, useFilters } from "#web/app/filters.ts"
import { Go } from "#web/app/go.tsx"
import { Page } from "#web/app/page.tsx"
import { Person } from "#web/app/person.tsx"
import { templateHref } from "#web/app/places.ts"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { Time } from "#web/app/time.tsx"
import { ExamplesPart } from "#web/templates/examples-part.tsx"
import { OpenProposals } from "#web/templates/open-proposals.tsx"
import { Stamp } from "#web/templates/stamp.tsx"
import css from "#web/templates/templates.module.css"

type Template = Answered<"listTemplates">["items"][number]

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
      <ul className={css["list"]}>
        {items?.map((template) => (
          <OneTemplate key={template.id} template={template} />
        ))}
      </ul>
    </Page>
  )
}

function OneTemplate({ template }: { readonly template: Template }) {
  const { name, title, description, owner, space, deprecatedAt, promotedAt } = template
  return (
    <li className={css["item"]} data-deprecated={deprecatedAt !== null || undefined}>
      <div className={css["what"]}>
        <Go href={templateHref(name)}>
          <bdi>{title}</bdi>
        </Go>
        <code>{name}</code>
        {summaryOf(description) !== "" && <span className={css["quiet"]}>{summaryOf(description)}</span>}
      </div>
      <Stamp template={template} />
      <span className={css["quiet"]}>
        <Person person={owner} /> · <bdi>{space.name}</bdi>
      </span>
      {promotedAt !== null && (
        <span className={css["quiet"]}>
          <Time at={promotedAt} />
        </span>
      )}
    </li>
  )
}

const LONGEST = 160

/** The first sentence below the title, without the marks of Markdown. */
function summaryOf(description: string): string {
  const prose = description.split(/\n\s*\n|\n(?=#)/u).find((part) => part.trim() !== "" && !/^\s*(#|!\[|<|\||```|[-*_]{3})/u.test(part)) ?? ""
  const plain = prose
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/gu, "$1")
    .replaceAll(/[*_`>]/gu, "")
    .replaceAll(/\s+/gu, " ")
    .trim()
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST)}…` : plain
}
