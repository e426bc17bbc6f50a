/** One of the roles: in the list each with what it may do, shown by its name alone. */
import { Select } from "@mantine/core"
import css from "#web/share/role-select.module.css"
import { ROLE_CHOICES, type Role } from "#web/share/roles.ts"

type Props = {
  readonly label?: string
  readonly name?: string
  readonly role: Role
  readonly onChange: (role: Role) => void
  /** Its dialog begins with it. */
  readonly begins?: boolean
}

export function RoleSelect({ label, name = "", role, onChange, begins = false }: Props) {
  return (
    <Select
      className={css["role"]}
      {...(label === undefined ? { "aria-label": `Role of ${name}` } : { label })}
      {...(begins ? { "data-begins": true } : {})}
      data={ROLE_CHOICES}
      value={role}
      onChange={(next) => next && onChange(next as Role)}
      renderOption={({ option }) => (
        <span className={css["option"]}>
          {option.label}
          <span>{ROLE_CHOICES.find(({ value }) => value === option.value)?.what}</span>
        </span>
      )}
      comboboxProps={{ width: 300, position: "bottom-end" }}
    />
  )
}
