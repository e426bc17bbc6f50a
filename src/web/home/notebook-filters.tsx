/** What a list of notebooks can be narrowed by; all of it stands in the address. */
import { Select, TextInput } from "@mantine/core"
import { useDebouncedCallback } from "@mantine/hooks"
import { IconSearch, IconX } from "@tabler/icons-react"
import { useState } from "react"
import type { Query } from "#api/contract.ts"
import { useApi } from "#web/app/api.ts"
import { type Filters, one, useFilters } from "#web/app/filters.ts"
import { useMe } from "#web/app/me.ts"
import css from "#web/home/notebook-filters.module.css"

const RUNS = [
  { value: "", label: "Any last run" },
  { value: "failed", label: "Last run failed" },
  { value: "lost", label: "Last run lost" },
  { value: "cancelled", label: "Last run cancelled" },
  { value: "succeeded", label: "Last run succeeded" },
  { value: "never", label: "Never run" },
]
const LANGUAGES = ["python", "r", "julia", "bash", "typescript", "javascript", "scala", "sql"]
const NAMES = ["name", "owner", "lastRun", "language", "tag"] as const

export function NotebookFilters() {
  const [filters, change] = useFilters()
  const isNarrowed = NAMES.some((name) => one(filters, name) !== undefined)
  const select = (name: (typeof NAMES)[number]) => ({
    value: one(filters, name) ?? "",
    onChange: (value: string | null) => change({ [name]: value ?? "" }),
    size: "xs" as const,
  })
  const languages = LANGUAGES.map((name) => ({ value: name, label: name }))
  return (
    <search className={css["bar"]}>
      <NamePart key={one(filters, "name") === undefined ? "clear" : "set"} />
      <OwnerPart />
      <Select {...select("lastRun")} data={RUNS} aria-label="Last run" className={css["choice"]} />
      <Select {...select("language")} data={[{ value: "", label: "Any language" }, ...languages]} aria-label="Language" className={css["choice"]} />
      <TagPart />
      {isNarrowed && (
        <button type="button" className={css["clear"]} onClick={() => change(Object.fromEntries(NAMES.map((name) => [name, undefined])))}>
          <IconX size={13} aria-hidden="true" /> Clear
        </button>
      )}
    </search>
  )
}

function NamePart() {
  const [filters, change] = useFilters()
  const [text, setText] = useState(one(filters, "name") ?? "")
  const narrow = useDebouncedCallback((name: string) => change({ name: name.trim() }), 200)
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

function TagPart() {
  const [filters, change] = useFilters()
  const tag = one(filters, "tag")
  if (tag === undefined) return null
  return (
    <button type="button" className={css["tag"]} onClick={() => change({ tag: undefined })} aria-label={`Tag ${tag}: take this filter away`}>
      {tag} <IconX size={12} aria-hidden="true" />
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
  const [name, owner, lastRun, language, tag] = NAMES.map((key) => one(filters, key)) as (string | undefined)[]
  const state = RUNS.find(({ value }) => value !== "" && value === lastRun)?.value as Query<"listNotebooks">["lastRun"]
  return {
    ...(name ? { name } : {}),
    ...(owner === "left" ? { ownerHasLeft: "true" } : owner ? { owner: owner === "me" ? me : owner } : {}),
    ...(state ? { lastRun: state } : {}),
    ...(language ? { language } : {}),
    ...(tag ? { tag } : {}),
  }
}
