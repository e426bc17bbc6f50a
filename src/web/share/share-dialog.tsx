/** Who may do what with a notebook or a space, and how more people come to it. */
import { ActionIcon, Button, Modal } from "@mantine/core"
import { IconUsersGroup, IconX } from "@tabler/icons-react"
import { type FormEvent, useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useApi, useForget } from "#web/app/api.ts"
import { CopyField } from "#web/app/copy-field.tsx"
import { isAtLeast, useMe } from "#web/app/me.ts"
import { Disc } from "#web/app/person.tsx"
import { spaceHref } from "#web/app/places.ts"
import { Problem, Wrong } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { toast, toastError } from "#web/app/toast.tsx"
import { CodeSwitch } from "#web/share/code-switch.tsx"
import { PersonPicker, type Picked } from "#web/share/person-picker.tsx"
import { RoleSelect } from "#web/share/role-select.tsx"
import { type Role, roleWords } from "#web/share/roles.ts"
import css from "#web/share/share.module.css"

export type Shared =
  | { readonly kind: "notebook"; readonly notebook: Answered<"getNotebook"> }
  | { readonly kind: "space"; readonly space: Answered<"getSpace"> }
type Grant = Answered<"listGrants">["items"][number]

type Props = {
  readonly of: Shared
  /** Who asked for a role: chosen already, so that they only have to be given one. */
  readonly asker?: string | undefined
  readonly onClose: () => void
}

export function ShareDialog({ of, asker = "", onClose }: Props) {
  const spaceName = of.kind === "notebook" ? of.notebook.space.name : of.space.name
  const title = of.kind === "notebook" ? of.notebook.title : of.space.title
  const mayGive = useMayGive(spaceName)
  const url = of.kind === "notebook" ? of.notebook.url : `${globalThis.location.origin}${spaceHref(of.space.name)}`
  return (
    <Modal opened onClose={onClose} title={`Share “${title}”`} size="lg">
      <div className={css["parts"]}>
        {mayGive ? <AddGrant of={of} asker={asker} /> : <WhoGives space={spaceName} />}
        {of.kind === "notebook" ? <NotebookGrants notebook={of.notebook} mayGive={mayGive} /> : <SpaceGrants space={spaceName} mayGive={mayGive} />}
        {of.kind === "notebook" && <CodeSwitch notebook={of.notebook} mayDecide={mayGive} />}
        <section>
          <h3>Link</h3>
          <p className={css["quiet"]}>
            It opens for people who are signed in and have a role here; for all others it looks as if there were nothing.
          </p>
          <CopyField text={url} label="Link" />
        </section>
        {mayGive && <Invitation space={spaceName} isSpace={of.kind === "space"} />}
      </div>
    </Modal>
  )
}

function useMayGive(spaceName: string): boolean {
  const me = useMe()
  const { data } = useApi("listSpaces", { query: {} })
  const role = data?.items.find(({ name }) => name === spaceName)?.role ?? null
  return me.isAdmin || isAtLeast(role, "admin")
}

function AddGrant({ of, asker }: { readonly of: Shared; readonly asker: string }) {
  const forget = useForget()
  // The name is asked of the server: an address that somebody else wrote must not say who somebody is.
  const asking = useApi("getPerson", { params: { person: asker } }, { enabled: isId(asker) })
  const [chosen, choose] = useState<Picked | "nobody">()
  const asked: Picked | undefined = asking.data && { kind: "person", id: asking.data.id, name: asking.data.name }
  const to = chosen === "nobody" ? undefined : (chosen ?? asked)
  const setTo = (picked: Picked | undefined) => choose(picked ?? "nobody")
  const [role, setRole] = useState<Role>("viewer")
  const [error, setError] = useState<unknown>()
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const form = event.currentTarget
    if (!to) return
    setError(undefined)
    try {
      const body = { role, ...(to.kind === "person" ? { person: to.id } : { group: to.id }) }
      await give(of, body)
      toast(`${to.name} is ${roleWords(role)} now.`)
      setTo(undefined)
      // The button is off until the next is chosen, and would take the focus with it.
      form.querySelector("input")?.focus()
      await forget()
    } catch (thrown) {
      setError(thrown)
    }
  }
  return (
    <form onSubmit={submit} className={css["add"]} {...(asker === "" ? { "data-begins": true } : {})}>
      <PersonPicker label="Give a role to" groups picked={to} onPick={setTo} />
      <RoleSelect label="Role" role={role} onChange={setRole} begins={asker !== ""} />
      <Button type="submit" variant="filled" disabled={!to}>
        Give
      </Button>
      <Wrong error={error} />
    </form>
  )
}

/** Nobody is left with a list alone: whom to ask stands above it. */
function WhoGives({ space }: { readonly space: string }) {
  const { data } = useApi("listGrants", { params: { space } })
  if (!data) return null
  const names = data.items.filter(({ notebook, role }) => notebook === null && role === "admin").map(nameIn)
  return (
    <p className={css["quiet"]}>
      {names.length === 0 ? "Roles are given by the administrators of the platform." : "Roles are given by whoever administers the space: "}
      {names.map((name, at) => (
        <span key={name}>
          {at > 0 && ", "}
          <bdi>{name}</bdi>
          {at === names.length - 1 && "."}
        </span>
      ))}
    </p>
  )
}

const isId = (text: string): boolean => /^[0-9A-Z]{26}$/u.test(text)

type Given = { readonly role: Role; readonly person?: string; readonly group?: string }

function give(of: Shared, body: Given): Promise<unknown> {
  return of.kind === "notebook"
    ? api.call("grantNotebook", { params: { notebook: of.notebook.id }, body })
    : api.call("grant", { params: { space: of.space.name }, body })
}

function NotebookGrants({ notebook, mayGive }: { readonly notebook: Answered<"getNotebook">; readonly mayGive: boolean }) {
  const own = useApi("listNotebookGrants", { params: { notebook: notebook.id } })
  return (
    <>
      <section>
        <h3>On this notebook</h3>
        <p className={css["quiet"]}>A role here only adds to what somebody may do by the space.</p>
        <Grants
          found={own}
          space={notebook.space.name}
          of={{ kind: "notebook", notebook }}
          mayGive={mayGive}
          none="Nobody has a role on this notebook alone."
        />
      </section>
      <BySpace space={notebook.space.name} />
    </>
  )
}

const NOBODY = "Nobody but the administrators of the platform."

function BySpace({ space }: { readonly space: string }) {
  const found = useApi("listGrants", { params: { space } })
  if (!found.data) return null
  const items = found.data.items.filter(({ notebook }) => notebook === null)
  return (
    <section>
      <h3>By the space “{space}”</h3>
      {items.length === 0 && <p className={css["none"]}>{NOBODY}</p>}
      <ul className={css["grants"]}>
        {items.map((grant) => (
          <li key={grant.id}>
            <Receiver grant={grant} />
            <span className={css["quiet"]}>{grant.role}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function SpaceGrants({ space, mayGive }: { readonly space: string; readonly mayGive: boolean }) {
  const found = useApi("listGrants", { params: { space } })
  const { data } = useApi("getSpace", { params: { space } })
  if (!data) return <SkeletonRows rows={3} />
  return (
    <section>
      <h3>People and groups</h3>
      <Grants found={found} space={space} of={{ kind: "space", space: data }} mayGive={mayGive} none={NOBODY} />
    </section>
  )
}

type GrantsProps = {
  readonly found: { readonly data?: { readonly items: readonly Grant[] } | undefined; readonly error: unknown }
  readonly space: string
  readonly of: Shared
  readonly mayGive: boolean
  readonly none: string
}

function Grants({ found, space, of, mayGive, none }: GrantsProps) {
  const forget = useForget()
  if (found.error) return <Problem error={found.error} />
  if (!found.data) return <SkeletonRows rows={3} />
  const items = found.data.items.filter(({ notebook }) => (notebook === null) === (of.kind === "space"))
  if (items.length === 0) return <p className={css["none"]}>{none}</p>
  const take = async (grant: Grant) => {
    try {
      await api.call("revokeGrant", { params: { space, grant: grant.id } })
      const undo = () => give(of, receiverOf(grant)).then(forget)
      toast({ text: `${nameIn(grant)} is no longer ${roleWords(grant.role)}.`, undo })
      await forget()
    } catch (error) {
      toastError(error)
    }
  }
  const change = (grant: Grant, role: Role) => give(of, { ...receiverOf(grant), role }).then(forget, toastError)
  return (
    <ul className={css["grants"]}>
      {items.map((grant) => (
        <li key={grant.id}>
          <Receiver grant={grant} />
          {mayGive ? (
            <RoleSelect name={nameIn(grant)} role={grant.role} onChange={(role) => void change(grant, role)} />
          ) : (
            <span className={css["quiet"]}>{grant.role}</span>
          )}
          {mayGive && (
            <ActionIcon aria-label={`Take the role back from ${nameIn(grant)}`} onClick={() => take(grant)}>
              <IconX size={15} aria-hidden="true" />
            </ActionIcon>
          )}
        </li>
      ))}
    </ul>
  )
}

function receiverOf({ person, group, role }: Grant): Given {
  return { role, ...(person ? { person: person.id } : {}), ...(group ? { group: group.id } : {}) }
}

function nameIn({ person, group }: Grant): string {
  return person?.name ?? group?.name ?? ""
}

function Receiver({ grant }: { readonly grant: Grant }) {
  return (
    <span className={css["receiver"]}>
      {grant.person ? <Disc person={grant.person} /> : <IconUsersGroup size={18} stroke={1.5} aria-hidden="true" />}
      <bdi>{nameIn(grant)}</bdi>
      {grant.group && <span className={css["quiet"]}>group</span>}
    </span>
  )
}

function Invitation({ space, isSpace }: { readonly space: string; readonly isSpace: boolean }) {
  const [role, setRole] = useState<Role>("viewer")
  const [link, setLink] = useState<string>()
  const [error, setError] = useState<unknown>()
  const make = () => api.call("createInvite", { body: { space, role } }).then((made) => setLink(made.link), setError)
  return (
    <section>
      <h3>Somebody without an account</h3>
      <p className={css["quiet"]}>
        A link that works once and needs no mail server. Who takes it up gets an account and the role in{" "}
        {isSpace ? "this space" : `the whole space “${space}”`}.
      </p>
      {link === undefined ? (
        <div className={css["invite"]}>
          <RoleSelect name="the invited" role={role} onChange={setRole} />
          <Button onClick={make}>Make an invitation link</Button>
        </div>
      ) : (
        <CopyField text={link} label="Invitation link" />
      )}
      <Wrong error={error} />
    </section>
  )
}
