import { ActionIcon, Button, Menu, TextInput } from "@mantine/core"
import { useDebouncedValue } from "@mantine/hooks"
import { IconDots, IconSearch } from "@tabler/icons-react"
import { useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useForget, usePages } from "#web/app/api.ts"
import { CopyField } from "#web/app/copy-field.tsx"
import { Empty } from "#web/app/empty.tsx"
import { Go } from "#web/app/go.tsx"
import { useMe } from "#web/app/me.ts"
import { Person } from "#web/app/person.tsx"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { Time } from "#web/app/time.tsx"
import { toast, toastError } from "#web/app/toast.tsx"
import { Invites } from "#web/settings/invites.tsx"
import { LeaveDialog } from "#web/settings/leave-dialog.tsx"
import { Rows, Section } from "#web/settings/part.tsx"
import css from "#web/settings/settings.module.css"

type PersonRow = Answered<"getPerson">

export function PeoplePart() {
  const me = useMe()
  return (
    <>
      <Section
        title="Invite"
        about="A link that works once and needs no mail server. Into one of your spaces, or, as an administrator, to the platform alone."
      >
        <Invites />
      </Section>
      <Section title="Everybody">
        <Everybody isAdmin={me.isAdmin} />
      </Section>
    </>
  )
}

function Everybody({ isAdmin }: { readonly isAdmin: boolean }) {
  const [text, setText] = useState("")
  const [q] = useDebouncedValue(text.trim(), 200)
  const [link, setLink] = useState<{ readonly of: string; readonly link: string }>()
  const { items, error, isLoading, hasMore, more, retry } = usePages("listPeople", { query: q === "" ? {} : { q } })
  return (
    <>
      <TextInput
        mb={12}
        maw={320}
        aria-label="Find somebody"
        placeholder="Name, login or e-mail"
        leftSection={<IconSearch size={14} aria-hidden="true" />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {link && (
        <div className={css["once"]} role="status">
          <strong>With this link {link.of} sets a new password, once:</strong>
          <CopyField text={link.link} label="Link for a new password" />
        </div>
      )}
      {error ? <Problem error={error} retry={retry} /> : null}
      {isLoading && <SkeletonRows rows={4} />}
      {items?.length === 0 && <Empty title="Nobody is called so" />}
      {items && items.length > 0 && (
        <Rows columns={["Name", "Login", "Since", ""]} label="People">
          {items.map((person) => (
            <PersonLine key={person.id} person={person} isAdmin={isAdmin} onLink={(made) => setLink({ of: person.name, link: made })} />
          ))}
        </Rows>
      )}
      {hasMore && (
        <Button mt={12} onClick={more}>
          Show more
        </Button>
      )}
    </>
  )
}

type LineProps = { readonly person: PersonRow; readonly isAdmin: boolean; readonly onLink: (link: string) => void }

function PersonLine({ person, isAdmin, onLink }: LineProps) {
  const facts = [person.kind === "service" && "service account", person.isAdmin && "administrator", person.isDisabled && "may not sign in"].filter(
    Boolean,
  )
  return (
    <tr>
      <td>
        <Person person={person} mark /> {facts.length > 0 && <span className={css["small"]}>{facts.join(", ")}</span>}
        {person.email !== null && <div className={css["small"]}>{person.email}</div>}
      </td>
      <td className={css["quiet"]}>{person.login ?? ""}</td>
      <td className={css["quiet"]}>
        <Time at={person.createdAt} />
      </td>
      <td>{isAdmin ? <PersonMenu person={person} onLink={onLink} /> : <Go href={`/?owner=${person.id}`}>Notebooks</Go>}</td>
    </tr>
  )
}

function PersonMenu({ person, onLink }: Omit<LineProps, "isAdmin">) {
  const me = useMe()
  const forget = useForget()
  const [isLeaving, setLeaving] = useState(false)
  const isMe = person.id === me.person.id
  const change = async (body: { readonly isAdmin?: boolean; readonly isDisabled?: boolean }, said: string) => {
    try {
      await api.call("changePerson", { params: { person: person.id }, body })
      toast(said)
      await forget()
    } catch (error) {
      toastError(error)
    }
  }
  const reset = () => api.call("makeResetLink", { params: { person: person.id } }).then(({ link }) => onLink(link), toastError)
  return (
    <>
      <Menu>
        <Menu.Target>
          <ActionIcon aria-label={`Actions for ${person.name}`}>
            <IconDots size={16} aria-hidden="true" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component={Go} href={`/?owner=${person.id}`}>
            Their notebooks
          </Menu.Item>
          {person.kind === "person" && <Menu.Item onClick={reset}>Make a link for a new password</Menu.Item>}
          {person.isAdmin ? (
            <Menu.Item disabled={isMe} onClick={() => change({ isAdmin: false }, `${person.name} is no administrator any more.`)}>
              Unmake administrator
            </Menu.Item>
          ) : (
            <Menu.Item onClick={() => change({ isAdmin: true }, `${person.name} is an administrator now.`)}>Make administrator</Menu.Item>
          )}
          <Menu.Divider />
          {person.isDisabled ? (
            <Menu.Item onClick={() => change({ isDisabled: false }, `${person.name} may sign in again.`)}>Let sign in again</Menu.Item>
          ) : (
            <Menu.Item disabled={isMe} onClick={() => setLeaving(true)}>
              Hand over and end the account
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {isLeaving && <LeaveDialog person={person} onClose={() => setLeaving(false)} />}
    </>
  )
}
