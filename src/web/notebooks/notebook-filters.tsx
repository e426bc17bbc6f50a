/** What a list of notebooks can be narrowed by; all of it stands in the address. */
import { Button, Menu, Select, TextInput } from "@mantine/core"
import { useDebouncedCallback } from "@mantine/hooks"
import { IconAdjustmentsHorizontal, IconCheck, IconSearch, IconX } from "@tabler/icons-react"
import { Fragment, useState } from "react"
import type { Query } from "#api/contract.ts"
import { useApi } from "#web/app/api.ts"
import { Empty } from "#web/app/empty.tsx"
import { type Filters, one, useFilters } from "#web/app/filters.ts"
import { useMe } from "#web/app/me.ts"
import css from "#web/notebooks/notebook-filters.module.css"

const RUNS = [
  { value: "", label: "Any last run" },
  { value: "failed", label: "Last run failed" },
  { value: "lost", label: "Last run lost" },
  { value: "cancelled", label: "Last run cancelled" },
  { value: "succeeded", label: "Last run succeeded" },
  { value: "never", label: "Never run" },
]
const LANGUAGES = ["python", "r", "julia", "bash", "typescript", "javascript", "scala", "sql"]
const NAMES = ["name", "owner", "lastRun", "language", "edited", "runs", "failures", "tag"] as const

type Narrowing = Pick<Query<"listNotebooks">, "editedSince" | "editedBefore" | "runsWeekMin" | "runsWeekMax" | "failuresMin" | "failuresMax">
type Choice = { readonly value: string; readonly label: string; readonly query: () => Narrowing }
type More = { readonly name: "edited" | "runs" | "failures"; readonly word: string; readonly choices: readonly Choice[] }

// The beginning of the hour, so that a list that is drawn again is the same list.
const daysAgo = (days: number) => new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 - days * 86_400_000).toISOString()

const MORE: readonly More[] = [
  {
    name: "edited",
    word: "Last edit",
    choices: [
      { value: "7", label: "Edited in the last 7 days", query: () => ({ editedSince: daysAgo(7) }) },
      { value: "30", label: "Edited in the last 30 days", query: () => ({ editedSince: daysAgo(30) }) },
      { value: "90", label: "Edited in the last 90 days", query: () => ({ editedSince: daysAgo(90) }) },
      { value: "over90", label: "Not edited for 90 days", query: () => ({ editedBefore: daysAgo(90) }) },
      { value: "over365", label: "Not edited for a year", query: () => ({ editedBefore: daysAgo(365) }) },
    ],
  },
  {
    name: "runs",
    word: "Runs a week",
    choices: [
      { value: "any", label: "Run in the last week", query: () => ({ runsWeekMin: 1 }) },
      { value: "over10", label: "More than 10 runs a week", query: () => ({ runsWeekMin: 11 }) },
      { value: "over100", label: "More than 100 runs a week", query: () => ({ runsWeekMin: 101 }) },
      { value: "none", label: "Not run in the last week", query: () => ({ runsWeekMax: 0 }) },
    ],
  },
  {
    name: "failures",
    word: "Failures",
    choices: [
      { value: "any", label: "Failed in the last week", query: () => ({ failuresMin: 1 }) },
      { value: "none", label: "Not failed in the last week", query: () => ({ failuresMax: 0 }) },
    ],
  },
]

const chosen = (filters: Filters, { name, choices }: More) => choices.find(({ value }) => value === one(filters, name))

/** The address narrows the list. */
export function isNarrowed(filters: Filters): boolean {
  return NAMES.some((name) => one(filters, name) !== undefined)
}

const ALL = Object.fromEntries(NAMES.map((name) => [name, undefined]))

/** In place of a list that is narrowed to nothing. */
export function NoneLikeThis() {
  const [, change] = useFilters()
  return (
    <Empty title="No notebook is like this" actions={<Button onClick={() => change(ALL)}>Show all</Button>}>
      Nothing that you may read fits all of these filters.
    </Empty>
  )
}

export function NotebookFilters() {
  const [filters, change] = useFilters()
  const select = (name: "lastRun" | "language") => ({
    value: one(filters, name) ?? "",
    onChange: (value: string | null) => change({ [name]: value ?? "" }),
    size: "xs" as const,
  })
  const languages = LANGUAGES.map((name) => ({ value: name, label: name }))
  return (
    <search className={css["bar"]}>
      <NamePart />
      <OwnerPart />
      <Select {...select("lastRun")} data={RUNS} aria-label="Last run" className={css["choice"]} />
      <Select {...select("language")} data={[{ value: "", label: "Any language" }, ...languages]} aria-label="Language" className={css["choice"]} />
      <MorePart />
      {MORE.map((more) => (
        <Taken key={more.name} name={more.name} label={chosen(filters, more)?.label} />
      ))}
      <Taken name="tag" label={one(filters, "tag")} />
      {isNarrowed(filters) && (
        <button type="button" className={css["clear"]} onClick={() => change(ALL)}>
          <IconX size={13} aria-hidden="true" /> Clear
        </button>
      )}
    </search>
  )
}

function NamePart() {
  const [filters, change] = useFilters()
  const name = one(filters, "name")
  const [text, setText] = useState(name ?? "")
  const [before, setBefore] = useState(name)
  // Cleared elsewhere, it is empty here; what is being typed is left alone.
  if (before !== name) {
    setBefore(name)
    if (name === undefined) setText("")
  }
  const narrow = useDebouncedCallback((next: string) => change({ name: next.trim() }), 200)
  const type = (next: string) => {
    setText(next)
    narrow(next)
  }
  return (
    <TextInput
      className={css["name"]}
      size="xs"
      leftSection={<IconSearch size={14} aria-hidden="true" />}
      placeholder="Title or path"
      aria-label="Title or path"
      value={text}
      onChange={(event) => type(event.currentTarget.value)}
    />
  )
}

/** What is chosen less often; a choice that is pressed again is taken away. */
function MorePart() {
  const [filters, change] = useFilters()
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button size="xs" leftSection={<IconAdjustmentsHorizontal size={14} aria-hidden="true" />}>
          More filters
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {MORE.map((more) => (
          <Fragment key={more.name}>
            <Menu.Label>{more.word}</Menu.Label>
            {more.choices.map((choice) => {
              const isChosen = choice === chosen(filters, more)
              return (
                <Menu.Item
                  key={choice.value}
                  leftSection={<IconCheck size={14} aria-hidden="true" visibility={isChosen ? "visible" : "hidden"} />}
                  onClick={() => change({ [more.name]: isChosen ? undefined : choice.value })}
                >
                  {choice.label}
                  {isChosen && <span className="unseen">, chosen</span>}
                </Menu.Item>
              )
            })}
          </Fragment>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

/** A filter that is on and has no field of its own. */
function Taken({ name, label }: { readonly name: string; readonly label: string | undefined }) {
  const [, change] = useFilters()
  if (label === undefined) return null
  return (
    <button type="button" className={css["tag"]} onClick={() => change({ [name]: undefined })} aria-label={`${label}: take this filter away`}>
      {label} <IconX size={12} aria-hidden="true" />
    </button>
  )
}

function OwnerPart() {
  const me = useMe()
  const [filters, change] = useFilters()
  const [asked, ask] = useState("")
  const { data } = useApi("listPeople", { query: { limit: 100, ...(asked.trim() === "" ? {} : { q: asked.trim() }) } })
  const others = (data?.items ?? []).filter(({ id }) => id !== me.person.id).map(({ id, name }) => ({ value: id, label: name }))
  const choices = [{ value: "", label: "Any owner" }, { value: "me", label: "Owned by me" }, { value: "left", label: "Owner has left" }, ...others]
  const value = one(filters, "owner") ?? ""
  const known = choices.some((choice) => choice.value === value) ? choices : [...choices, { value, label: "Somebody else" }]
  return (
    <Select
      className={css["choice"]}
      size="xs"
      aria-label="Owner"
      data={known}
      value={value}
      searchable
      onSearchChange={(text) => ask(choices.some(({ label }) => label === text) ? "" : text)}
      onChange={(owner) => change({ owner: owner ?? "" })}
      nothingFoundMessage="Nobody of this name"
    />
  )
}

/** The filters of the address as the API takes them. */
export function asked(filters: Filters, me: string): Query<"listNotebooks"> {
  const [name, owner, lastRun, language, tag] = ["name", "owner", "lastRun", "language", "tag"].map((key) => one(filters, key))
  const state = RUNS.find(({ value }) => value !== "" && value === lastRun)?.value as Query<"listNotebooks">["lastRun"]
  return {
    ...(name ? { name } : {}),
    ...(owner === "left" ? { ownerHasLeft: "true" } : owner ? { owner: owner === "me" ? me : owner } : {}),
    ...(state ? { lastRun: state } : {}),
    ...(language ? { language } : {}),
    ...(tag ? { tag } : {}),
    ...Object.assign({}, ...MORE.map((more) => chosen(filters, more)?.query())),
  }
}
