/** Whose approval it takes, as a list that somebody changes. */
import { ActionIcon } from "@mantine/core"
import { IconUsersGroup, IconX } from "@tabler/icons-react"
import { Disc } from "#web/app/person.tsx"
import { PersonPicker, type Picked } from "#web/share/person-picker.tsx"
import css from "#web/share/share.module.css"

type Props = {
  readonly label: string
  readonly description: string
  readonly owners: readonly Picked[]
  readonly onChange: (owners: readonly Picked[]) => void
}

export function CodeOwners({ label, description, owners, onChange }: Props) {
  const add = (picked: Picked | undefined) => {
    if (picked && !owners.some(({ id }) => id === picked.id)) onChange([...owners, picked])
  }
  return (
    <div>
      {/* Made anew for each one that is added, so that what was typed for the last one is gone. */}
      <PersonPicker key={owners.length} label={label} description={description} services={false} groups picked={undefined} onPick={add} />
      <ul className={css["grants"]} aria-label="Code owners">
        {owners.map(({ id, name, kind }) => (
          <li key={id}>
            <span className={css["receiver"]}>
              {kind === "person" ? <Disc person={{ id, name }} /> : <IconUsersGroup size={18} stroke={1.5} aria-hidden="true" />}
              <bdi>{name}</bdi>
              {kind === "group" && <span className={css["quiet"]}>any one of the group</span>}
            </span>
            <ActionIcon aria-label={`Remove ${name}`} onClick={() => onChange(owners.filter((one) => one.id !== id))}>
              <IconX size={15} aria-hidden="true" />
            </ActionIcon>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** As the API is told of them. */
export function ownerSpecs(owners: readonly Picked[]): ({ person: string } | { group: string })[] {
  return owners.map(({ kind, id }) => (kind === "person" ? { person: id } : { group: id }))
}
