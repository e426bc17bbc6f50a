/** What of the runs is shown; all of it stands in the address. */
import { Select, TextInput } from "@mantine/core"
import { useDebouncedCallback, useMediaQuery } from "@mantine/hooks"
import { IconSearch, IconX } from "@tabler/icons-react"
import { useEffect, useState } from "react"
import { useApi } from "#web/app/api.ts"
import type { Filters } from "#web/app/filters.ts"
import { StateBadge } from "#web/app/state-badge.tsx"
import { RUN_STATES, type RunStateName, type RunsFilter, SPANS } from "#web/runs/filter.ts"
import type { RunView } from "#web/runs/pages.ts"
import css from "#web/runs/runs.module.css"

type Props = { readonly filter: RunsFilter; readonly change: (change: Filters) => void; readonly isLive: boolean; readonly runs: readonly RunView[] }

export function RunsFilterBar({ filter, change, isLive, runs }: Props) {
  const isNarrow = useMediaQuery("(max-width: 800px)", undefined, { getInitialValueInEffect: false }) ?? false
  const more = <Choices filter={filter} change={change} runs={runs} />
  const isChosen = filter.by !== undefined || filter.trigger !== undefined || filter.since !== undefined || filter.space !== undefined
  return (
    <search className={css["filters"]} aria-label="Filter runs">
      <SearchField text={filter.text} change={change} />
      <States chosen={filter.states} change={change} />
      {isNarrow ? (
        <details className={css["more"]} open={isChosen}>
          <summary>More filters</summary>
          <div>{more}</div>
        </details>
      ) : (
        more
      )}
      <NotebookChip filter={filter} change={change} />
      <output className={css["live"]} data-live={isLive}>
        {isLive ? "Live" : "Not live"}
      </output>
    </search>
  )
}

function Choices({ filter, change, runs }: Omit<Props, "isLive">) {
  const name = runs.find(({ orderedBy }) => orderedBy.id === filter.by)?.orderedBy.name ?? "One person"
  return (
    <>
      <Select
        aria-label="Who"
        data={[
          { value: "", label: "Anybody" },
          { value: "me", label: "Me" },
          ...(filter.by !== undefined && filter.by !== "me" ? [{ value: filter.by, label: name }] : []),
        ]}
        value={filter.by ?? ""}
        onChange={(by) => change({ by: by ?? undefined })}
        className={css["who"] ?? ""}
      />
      <Select
        aria-label="Trigger"
        data={TRIGGER_OPTIONS}
        value={filter.trigger ?? ""}
        onChange={(trigger) => change({ trigger: trigger ?? undefined })}
        className={css["trigger"] ?? ""}
      />
      <Select
        aria-label="Time"
        data={timeOptions(filter)}
        value={filter.since ?? ""}
        onChange={(since) => change({ since: since ?? undefined })}
        className={css["time"] ?? ""}
      />
      <SpaceChoice space={filter.space} change={change} />
    </>
  )
}

const TRIGGER_OPTIONS = [
  { value: "", label: "Any trigger" },
  { value: "person", label: "By hand" },
  { value: "token", label: "By a program" },
  { value: "schedule", label: "On schedule" },
  { value: "orchestrator", label: "Orchestrator" },
  { value: "test", label: "Test" },
]

function timeOptions({ since }: RunsFilter) {
  const spans = Object.entries(SPANS).map(([value, words]) => ({ value, label: words.charAt(0).toUpperCase() + words.slice(1) }))
  const isInstant = since !== undefined && !Object.hasOwn(SPANS, since)
  return [{ value: "", label: "Any time" }, ...spans, ...(isInstant ? [{ value: since, label: `Since ${new Date(since).toLocaleString()}` }] : [])]
}

function SearchField({ text, change }: { readonly text: string | undefined; readonly change: Props["change"] }) {
  const [typed, setTyped] = useState(text ?? "")
  // The address may change by itself: back, a link, a filter that was cleared.
  useEffect(() => setTyped(text ?? ""), [text])
  const tell = useDebouncedCallback((q: string) => change({ q }), 250)
  return (
    <TextInput
      type="search"
      aria-label="Search runs"
      placeholder="Notebook, person, value, error"
      leftSection={<IconSearch size={14} aria-hidden="true" />}
      value={typed}
      maxLength={200}
      className={css["search"] ?? ""}
      onChange={({ currentTarget: { value } }) => {
        setTyped(value)
        tell(value)
      }}
    />
  )
}

function States({ chosen, change }: { readonly chosen: readonly RunStateName[]; readonly change: Props["change"] }) {
  const toggle = (state: RunStateName) => change({ state: chosen.includes(state) ? chosen.filter((one) => one !== state) : [...chosen, state] })
  return (
    <fieldset className={css["states"]}>
      <legend className="unseen">State</legend>
      {RUN_STATES.map((state) => (
        <button key={state} type="button" aria-pressed={chosen.includes(state)} className={css["state"]} onClick={() => toggle(state)}>
          <StateBadge state={state} />
        </button>
      ))}
    </fieldset>
  )
}

function SpaceChoice({ space, change }: { readonly space: string | undefined; readonly change: Props["change"] }) {
  const spaces = useApi("listSpaces", {})
  const names = spaces.data?.items.map(({ name, title }) => ({ value: name, label: title || name })) ?? []
  const known = space === undefined || names.some(({ value }) => value === space) ? names : [...names, { value: space, label: space }]
  return (
    <Select
      aria-label="Space"
      data={[{ value: "", label: "All spaces" }, ...known]}
      value={space ?? ""}
      onChange={(chosen) => change({ space: chosen ?? undefined })}
      className={css["space"] ?? ""}
      searchable={known.length > 10}
    />
  )
}

function NotebookChip({ filter: { notebook, version }, change }: { readonly filter: RunsFilter; readonly change: Props["change"] }) {
  const found = useApi("getNotebook", { params: { notebook: notebook ?? "" } }, { enabled: notebook !== undefined })
  if (notebook === undefined) return null
  return (
    <button type="button" className={css["chip"]} onClick={() => change({ notebook: undefined, version: undefined })}>
      <bdi>{found.data?.title ?? "One notebook"}</bdi>
      {version !== undefined && ` · version ${version}`}
      <span className="unseen">, show those of all notebooks</span>
      <IconX size={13} aria-hidden="true" />
    </button>
  )
}
