import { ActionIcon, Button, TextInput } from "@mantine/core"
import { IconX } from "@tabler/icons-react"
import { useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useApi, useForget } from "#web/app/api.ts"
import { ConfirmDialog } from "#web/app/confirm-dialog.tsx"
import { Empty } from "#web/app/empty.tsx"
import { FormDialog } from "#web/app/form-dialog.tsx"
import { useMe } from "#web/app/me.ts"
import { Person } from "#web/app/person.tsx"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { toast, toastError } from "#web/app/toast.tsx"
import { counted } from "#web/app/words.ts"
import { Rows, Section } from "#web/settings/part.tsx"
import css from "#web/settings/settings.module.css"
import { PersonPicker } from "#web/share/person-picker.tsx"

type GroupRow = Answered<"listGroups">["items"][number]

export function GroupsPart() {
  const me = useMe()
  const [shown, show] = useState<string>()
  const [editing, edit] = useState<GroupRow | "new">()
  const { data, error, refetch } = useApi("listGroups", {})
  if (error) return <Problem error={error} retry={refetch} />
  if (!data) return <SkeletonRows rows={4} />
  const group = data.items.find(({ id }) => id === shown)
  const make = me.isAdmin ? (
    <Button variant="filled" onClick={() => edit("new")}>
      New group
    </Button>
  ) : undefined
  return (
    <>
      {data.items.length === 0 && (
        <Empty title="No groups yet" actions={make}>
          A group gets roles like a person. Its members are chosen by hand, or come from a claim of your organisation's sign-in.
        </Empty>
      )}
      {data.items.length > 0 && (
        <>
          <div className={css["line"]}>{make}</div>
          <Rows columns={["Group", "Claim", "Members", ""]} label="Groups">
            {data.items.map((one) => (
              <tr key={one.id}>
                <td>{one.name}</td>
                <td className={css["quiet"]}>{one.claim ?? ""}</td>
                <td className={css["quiet"]}>{counted(one.members, "member")}</td>
                <td>
                  <Button aria-expanded={shown === one.id} onClick={() => show(shown === one.id ? undefined : one.id)}>
                    Members
                  </Button>{" "}
                  {me.isAdmin && <Button onClick={() => edit(one)}>Edit</Button>}
                </td>
              </tr>
            ))}
          </Rows>
        </>
      )}
      {group && <Members group={group} isAdmin={me.isAdmin} />}
      {editing !== undefined && <GroupDialog group={editing === "new" ? undefined : editing} onClose={() => edit(undefined)} />}
    </>
  )
}

function Members({ group, isAdmin }: { readonly group: GroupRow; readonly isAdmin: boolean }) {
  const forget = useForget()
  const { data, error } = useApi("listMembers", { params: { group: group.id } })
  const add = (person: string) => api.call("addMember", { params: { group: group.id, person } }).then(forget, toastError)
  const remove = (person: string) => api.call("removeMember", { params: { group: group.id, person } }).then(forget, toastError)
  return (
    <Section title={`Members of ${group.name}`}>
      {error ? <Problem error={error} /> : null}
      {!data && !error && <SkeletonRows rows={2} />}
      {data?.items.length === 0 && <p>Nobody yet.</p>}
      {data && data.items.length > 0 && (
        <Rows columns={["Name", "Why", ""]} label={`Members of ${group.name}`}>
          {data.items.map(({ person, byHand, byClaim }) => (
            <tr key={person.id}>
              <td>
                <Person person={person} mark />
              </td>
              <td className={css["quiet"]}>{[byHand && "by hand", byClaim && "by the claim"].filter(Boolean).join(", ")}</td>
              <td>
                {isAdmin && byHand && (
                  <ActionIcon aria-label={`Take ${person.name} out of the group`} onClick={() => remove(person.id)}>
                    <IconX size={15} aria-hidden="true" />
                  </ActionIcon>
                )}
              </td>
            </tr>
          ))}
        </Rows>
      )}
      {isAdmin && (
        <div className={css["form"]} style={{ marginTop: 16 }}>
          <PersonPicker label="Add somebody" picked={undefined} onPick={(picked) => picked && void add(picked.id)} />
        </div>
      )}
    </Section>
  )
}

function GroupDialog({ group, onClose }: { readonly group: GroupRow | undefined; readonly onClose: () => void }) {
  const forget = useForget()
  const [name, setName] = useState(group?.name ?? "")
  const [claim, setClaim] = useState(group?.claim ?? "")
  const [isDeleting, setDeleting] = useState(false)
  const submit = async () => {
    const body = { name: name.trim(), ...(claim.trim() === "" ? {} : { claim: claim.trim() }) }
    await (group ? api.call("changeGroup", { params: { group: group.id }, body }) : api.call("createGroup", { body }))
    toast("Saved.")
  }
  if (group && isDeleting)
    return (
      <ConfirmDialog
        title={`Delete ${group.name}`}
        action="Delete"
        onConfirm={() => api.call("deleteGroup", { params: { group: group.id } }).then(forget)}
        onClose={onClose}
      >
        <p>Its members lose every role that the group was given. This cannot be undone.</p>
      </ConfirmDialog>
    )
  return (
    <FormDialog title={group ? "Edit group" : "New group"} action="Save" isReady={name.trim() !== ""} onSubmit={submit} onClose={onClose}>
      <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
      <TextInput
        label="Claim"
        description="The group's name at your organisation's sign-in: whoever has it there is a member here."
        value={claim}
        onChange={(event) => setClaim(event.currentTarget.value)}
      />
      {group && (
        <Button variant="subtle" style={{ justifySelf: "start" }} onClick={() => setDeleting(true)}>
          Delete this group
        </Button>
      )}
    </FormDialog>
  )
}
