/** Finds somebody by a part of their name: people, and groups where they may be chosen. */
import { Select } from "@mantine/core"
import { useState } from "react"
import { useApi } from "#web/app/api.ts"

export type Picked = { readonly kind: "person" | "group"; readonly id: string; readonly name: string }

type Props = {
  readonly label: string
  readonly description?: string
  readonly people?: boolean
  readonly groups?: boolean
  /** Service accounts as well. */
  readonly services?: boolean
  readonly onlyActive?: boolean
  readonly picked: Picked | undefined
  readonly onPick: (picked: Picked | undefined) => void
}

export function PersonPicker({ label, description, people = true, groups = false, services = true, onlyActive = true, picked, onPick }: Props) {
  const [text, setText] = useState("")
  const asked = text === picked?.name ? "" : text.trim()
  const found = useApi("listPeople", { query: { limit: 50, ...(asked === "" ? {} : { q: asked }) } }, { enabled: people })
  const known = useApi("listGroups", {}, { enabled: groups })
  const persons = (found.data?.items ?? [])
    .filter(({ isDisabled, kind }) => !(onlyActive && isDisabled) && (services || kind === "person"))
    .map(({ id, name, login, kind }) => ({
      kind: "person" as const,
      id,
      name,
      label: nameWith(name, kind === "service" ? "service account" : login),
    }))
  const fits = (known.data?.items ?? []).map(({ id, name }) => ({ kind: "group" as const, id, name, label: `${name} (group)` }))
  const all = [...fits, ...persons]
  const options = all.map(({ id, label: word }) => ({ value: id, label: word }))
  const missing = picked && !options.some(({ value }) => value === picked.id) ? [{ value: picked.id, label: picked.name }] : []
  return (
    <Select
      label={label}
      {...(description === undefined ? {} : { description })}
      placeholder="Part of a name"
      searchable
      clearable
      data={[...missing, ...options]}
      value={picked?.id ?? null}
      onSearchChange={setText}
      onChange={(id) => {
        const one = all.find((each) => each.id === id)
        onPick(one && { kind: one.kind, id: one.id, name: one.name })
      }}
      nothingFoundMessage={found.isPending ? "Looking…" : "Nobody of this name"}
    />
  )
}

function nameWith(name: string, beside: string | null): string {
  return beside === null || beside === name ? name : `${name} (${beside})`
}
