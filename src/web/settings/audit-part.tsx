import { Button, Select, TextInput } from "@mantine/core"
import { useState } from "react"
import type { Query } from "#api/contract.ts"
import { useApi, usePages } from "#web/app/api.ts"
import { Empty } from "#web/app/empty.tsx"
import { one, useFilters } from "#web/app/filters.ts"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { Time } from "#web/app/time.tsx"
import { Rows, Section } from "#web/settings/part.tsx"
import css from "#web/settings/settings.module.css"
import { PersonPicker } from "#web/share/person-picker.tsx"

const OUTCOMES = ["done", "denied", "failed"] as const

export function AuditPart() {
  const [filters] = useFilters()
  const { items, error, isLoading, hasMore, more, isFetchingMore, retry } = usePages("listAudit", { query: asked(filters) })
  return (
    <Section
      title="What was done, and what was denied"
      about="Every record holds the digest of the one before, so that none can be changed or taken out unseen."
    >
      <AuditFilters />
      {error ? <Problem error={error} retry={retry} /> : null}
      {isLoading && <SkeletonRows rows={8} />}
      {items?.length === 0 && <Empty title="Nothing of this kind is on record" />}
      {items && items.length > 0 && (
        <Rows columns={["When", "Who", "What", "Outcome", "Detail"]} label="Audit">
          {items.map(({ seq, at, actor, via, action, thing, outcome, detail, hash }) => (
            <tr key={seq}>
              <td className={`${css["quiet"]} ${css["still"]}`} title={`Record ${seq}, ${hash}`}>
                <Time at={at} />
              </td>
              <td className={css["still"]}>
                <bdi>{actor.name || "nobody"}</bdi>
                <div className={css["small"]}>{via.split("/")[0]}</div>
              </td>
              <td>
                {action}
                <div className={css["small"]}>{thing}</div>
              </td>
              <td className={outcome === "done" ? css["quiet"] : css["failed"]}>{outcome}</td>
              <td className={css["detail"]}>{written(detail)}</td>
            </tr>
          ))}
        </Rows>
      )}
      {hasMore && (
        <Button mt={12} loading={isFetchingMore} onClick={more}>
          Show more
        </Button>
      )}
    </Section>
  )
}

function written(detail: unknown): string {
  if (typeof detail !== "object" || detail === null) return ""
  return Object.entries(detail)
    .map(([key, value]) => `${key}: ${typeof value === "string" ? shortened(value) : JSON.stringify(value)}`)
    .join(", ")
    .slice(0, 400)
}

/** A digest is known by its beginning. */
function shortened(text: string): string {
  return /^[0-9a-f]{64}$/u.test(text) ? `${text.slice(0, 12)}…` : text
}

function asked(filters: ReturnType<typeof useFilters>[0]): Query<"listAudit"> {
  const [person, action, space, thing] = ["person", "action", "space", "thing"].map((name) => one(filters, name)?.trim() || undefined)
  const outcome = OUTCOMES.find((each) => each === one(filters, "outcome"))
  const since = dayAt(one(filters, "since"))
  return {
    ...(person ? { person } : {}),
    ...(action ? { action } : {}),
    ...(space ? { space } : {}),
    ...(thing ? { thing } : {}),
    ...(outcome ? { outcome } : {}),
    ...(since ? { since } : {}),
  }
}

/** The beginning of a day as people write it, where they are. */
function dayAt(day: string | undefined): string | undefined {
  const at = day && /^\d{4}-\d\d-\d\d$/u.test(day) ? new Date(`${day}T00:00:00`) : undefined
  return at && !Number.isNaN(at.getTime()) ? at.toISOString() : undefined
}

function AuditFilters() {
  const [filters, change] = useFilters()
  const spaces = useApi("listSpaces", { query: {} })
  const person = one(filters, "person")
  const { data } = useApi("getPerson", { params: { person: person ?? "" } }, { enabled: person !== undefined })
  const [action, setAction] = useState(one(filters, "action") ?? "")
  return (
    <search className={css["line"]}>
      <PersonPicker
        label="Who"
        onlyActive={false}
        picked={person === undefined ? undefined : { kind: "person", id: person, name: data?.name ?? "…" }}
        onPick={(picked) => change({ person: picked?.id })}
      />
      <form
        onSubmit={(event) => {
          event.preventDefault()
          change({ action: action.trim() })
        }}
      >
        <TextInput
          label="What"
          placeholder="notebook, notebook.move"
          value={action}
          onChange={(event) => setAction(event.currentTarget.value)}
          onBlur={() => change({ action: action.trim() })}
        />
      </form>
      <Select
        label="Outcome"
        w={120}
        data={[{ value: "", label: "Any" }, ...OUTCOMES.map((value) => ({ value, label: value }))]}
        value={one(filters, "outcome") ?? ""}
        onChange={(outcome) => change({ outcome: outcome ?? "" })}
      />
      <Select
        label="Space"
        w={160}
        data={[{ value: "", label: "Everywhere" }, ...(spaces.data?.items ?? []).map(({ name, title }) => ({ value: name, label: title }))]}
        value={one(filters, "space") ?? ""}
        onChange={(space) => change({ space: space ?? "" })}
      />
      <TextInput label="Since" type="date" value={one(filters, "since") ?? ""} onChange={(event) => change({ since: event.currentTarget.value })} />
    </search>
  )
}
