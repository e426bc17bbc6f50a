import { Button, Checkbox, PasswordInput, TextInput } from "@mantine/core"
import { useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useApi, useForget } from "#web/app/api.ts"
import { useMe } from "#web/app/me.ts"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { Time } from "#web/app/time.tsx"
import { toast, toastError } from "#web/app/toast.tsx"
import { counted } from "#web/app/words.ts"
import { disallowHost } from "#web/outputs/stage/allowed.ts"
import { browserName } from "#web/settings/browser-name.ts"
import { Form, Rows, Section } from "#web/settings/part.tsx"
import css from "#web/settings/settings.module.css"

export function ProfilePart() {
  const me = useMe()
  const { data, error } = useApi("getPerson", { params: { person: me.person.id } })
  if (error) return <Problem error={error} />
  if (!data) return <SkeletonRows rows={4} />
  return (
    <>
      <Section title="You">
        <Profile person={data} />
      </Section>
      <Section
        title="Password"
        about={
          data.hasPassword === false
            ? "You have none yet: with one, and your login, you sign in anywhere."
            : "A new one signs you out everywhere else."
        }
      >
        <Password hasOne={data.hasPassword !== false} />
      </Section>
      <Section title="Where you are signed in">
        <Sessions />
      </Section>
      <Section title="Hosts that outputs may load from" about="Opening a notebook asks nobody for anything. These you allowed, for yourself alone.">
        <AllowedHosts />
      </Section>
    </>
  )
}

function Profile({ person }: { readonly person: Answered<"getPerson"> }) {
  const [now, set] = useState({ name: person.name, login: person.login ?? "", email: person.email ?? "" })
  const save = async () => {
    await api.call("changePerson", { params: { person: person.id }, body: changed(person, now) })
    toast("Saved.")
  }
  return (
    <Form action="Save" onSubmit={save}>
      <TextInput label="Name" value={now.name} onChange={(event) => set({ ...now, name: event.currentTarget.value })} autoComplete="name" />
      <TextInput
        label="Login"
        description="What you sign in with here; empty where you only come by your organisation."
        value={now.login}
        onChange={(event) => set({ ...now, login: event.currentTarget.value })}
        autoComplete="username"
      />
      <TextInput
        label="E-mail"
        type="email"
        value={now.email}
        onChange={(event) => set({ ...now, email: event.currentTarget.value })}
        autoComplete="email"
      />
    </Form>
  )
}

type Fields = { readonly name: string; readonly login: string; readonly email: string }

/** Only what is another now: a person may change some of it, and only an administrator the rest. */
function changed(person: Answered<"getPerson">, now: Fields): Partial<Fields> {
  return {
    ...(now.name === person.name ? {} : { name: now.name }),
    ...(now.login === (person.login ?? "") ? {} : { login: now.login }),
    ...(now.email === (person.email ?? "") ? {} : { email: now.email }),
  }
}

const NONE = { current: "", next: "", revokeTokens: false }

function Password({ hasOne }: { readonly hasOne: boolean }) {
  const [now, set] = useState(NONE)
  const save = async () => {
    const { current, ...rest } = now
    await api.call("setPassword", { body: { ...rest, ...(current === "" ? {} : { current }) } })
    toast("The new password holds from now on.")
    set(NONE)
  }
  return (
    <Form action="Set password" isReady={now.next !== ""} onSubmit={save}>
      {hasOne && (
        <PasswordInput
          label="Current password"
          value={now.current}
          onChange={(event) => set({ ...now, current: event.currentTarget.value })}
          autoComplete="current-password"
        />
      )}
      <PasswordInput
        label="New password"
        value={now.next}
        onChange={(event) => set({ ...now, next: event.currentTarget.value })}
        autoComplete="new-password"
        required
        withAsterisk={false}
      />
      <Checkbox
        label="End my API tokens as well"
        checked={now.revokeTokens}
        onChange={(event) => set({ ...now, revokeTokens: event.currentTarget.checked })}
      />
    </Form>
  )
}

function Sessions() {
  const forget = useForget()
  const { data, error } = useApi("listSessions", {})
  if (error) return <Problem error={error} />
  if (!data) return <SkeletonRows rows={2} />
  const end = (session: string) => api.call("endSession", { params: { session } }).then(forget, toastError)
  const endOthers = async () => {
    try {
      const { ended } = await api.call("endOtherSessions", {})
      toast(`${counted(ended, "session")} ended.`)
      await forget()
    } catch (thrown) {
      toastError(thrown)
    }
  }
  return (
    <>
      <Rows columns={["Browser", "Address", "Last used", ""]} label="Sessions">
        {data.items.map(({ id, userAgent, address, seenAt, isThis }) => (
          <tr key={id}>
            <td>{browserName(userAgent)}</td>
            <td className={css["quiet"]}>{address}</td>
            <td className={css["quiet"]}>{isThis ? "this one" : <Time at={seenAt} />}</td>
            <td>{!isThis && <Button onClick={() => end(id)}>End</Button>}</td>
          </tr>
        ))}
      </Rows>
      {data.items.length > 1 && (
        <Button mt={12} onClick={endOthers}>
          End all others
        </Button>
      )}
    </>
  )
}

function AllowedHosts() {
  const forget = useForget()
  const { data, error } = useApi("listAllowedHosts", {})
  if (error) return <Problem error={error} />
  if (!data) return <SkeletonRows rows={1} />
  if (data.items.length === 0) return <p className={css["quiet"]}>None. An output that would load something says so below itself.</p>
  return (
    <Rows columns={["Host", "Since", ""]} label="Allowed hosts">
      {data.items.map(({ host, allowedAt }) => (
        <tr key={host}>
          <td>{host}</td>
          <td className={css["quiet"]}>
            <Time at={allowedAt} />
          </td>
          <td>
            <Button onClick={() => disallowHost(host).then(forget, toastError)}>Take back</Button>
          </td>
        </tr>
      ))}
    </Rows>
  )
}
