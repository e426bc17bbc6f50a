import { Button, Select } from "@mantine/core"
import { useState } from "react"
import { api, useApi, useForget } from "#web/app/api.ts"
import { CopyField } from "#web/app/copy-field.tsx"
import { isAtLeast, useMe } from "#web/app/me.ts"
import { Wrong } from "#web/app/problem.tsx"
import { Time } from "#web/app/time.tsx"
import { toastError } from "#web/app/toast.tsx"
import { Rows } from "#web/settings/part.tsx"
import css from "#web/settings/settings.module.css"
import { RoleSelect } from "#web/share/role-select.tsx"
import type { Role } from "#web/share/roles.ts"

export function Invites() {
  const me = useMe()
  const forget = useForget()
  const spaces = useApi("listSpaces", { query: {} })
  const mine = (spaces.data?.items ?? []).filter(({ role }) => me.isAdmin || isAtLeast(role, "admin"))
  const [chosen, setSpace] = useState<string>()
  const [role, setRole] = useState<Role>("viewer")
  const [link, setLink] = useState<string>()
  const [error, setError] = useState<unknown>()
  const space = chosen ?? (me.isAdmin ? "" : (mine[0]?.name ?? ""))
  if (spaces.data && !me.isAdmin && mine.length === 0) return <p className={css["quiet"]}>Only who administers a space can invite into it.</p>
  const make = async () => {
    setError(undefined)
    try {
      const made = await api.call("createInvite", { body: space === "" ? {} : { space, role } })
      setLink(made.link)
      await forget()
    } catch (thrown) {
      setError(thrown)
    }
  }
  const choices = mine.map(({ name, title }) => ({ value: name, label: title }))
  return (
    <>
      <div className={css["line"]}>
        <Select
          label="Into"
          data={me.isAdmin ? [{ value: "", label: "The platform, no space yet" }, ...choices] : choices}
          value={space}
          onChange={(value) => setSpace(value ?? "")}
        />
        {space !== "" && <RoleSelect label="As" role={role} onChange={setRole} />}
        <Button variant="filled" onClick={make}>
          Make an invitation link
        </Button>
      </div>
      {link !== undefined && (
        <div className={css["once"]} role="status">
          <strong>Send this link: it is not shown again.</strong>
          <CopyField text={link} label="Invitation link" />
        </div>
      )}
      <Wrong error={error} />
      {(me.isAdmin || space !== "") && <OpenInvites of={me.isAdmin ? undefined : space} />}
    </>
  )
}

/** All there are, for an administrator; else those into one space. */
function OpenInvites({ of }: { readonly of: string | undefined }) {
  const forget = useForget()
  const { data } = useApi("listInvites", { query: of === undefined ? {} : { space: of } })
  const spaces = useApi("listSpaces", { query: {} })
  if (!data || data.items.length === 0) return null
  const withdraw = (invite: string) => api.call("withdrawInvite", { params: { invite } }).then(forget, toastError)
  return (
    <Rows columns={["Open invitations", "As", "Made", "Ends", ""]} label="Open invitations">
      {data.items.map(({ id, space, role, createdAt, expiresAt }) => (
        <tr key={id}>
          <td>{space === null ? "to the platform" : `into ${spaces.data?.items.find((one) => one.id === space)?.title ?? "a space"}`}</td>
          <td className={css["quiet"]}>{role ?? ""}</td>
          <td className={css["quiet"]}>
            <Time at={createdAt} />
          </td>
          <td className={css["quiet"]}>
            <Time at={expiresAt} />
          </td>
          <td>
            <Button onClick={() => withdraw(id)}>Withdraw</Button>
          </td>
        </tr>
      ))}
    </Rows>
  )
}
