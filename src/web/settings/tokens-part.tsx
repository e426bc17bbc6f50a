import { Button, Checkbox, Group, NumberInput, Select, TextInput } from "@mantine/core"
import { useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useApi, useForget } from "#web/app/api.ts"
import { ConfirmDialog } from "#web/app/confirm-dialog.tsx"
import { CopyField } from "#web/app/copy-field.tsx"
import { Empty } from "#web/app/empty.tsx"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { Time } from "#web/app/time.tsx"
import { Form, Rows, Section } from "#web/settings/part.tsx"
import css from "#web/settings/settings.module.css"

type Scope = "read" | "run" | "edit" | "admin"
const SCOPES: readonly { readonly scope: Scope; readonly label: string }[] = [
  { scope: "read", label: "Read" },
  { scope: "run", label: "Run" },
  { scope: "edit", label: "Edit" },
  { scope: "admin", label: "Administer" },
]

export function TokensPart() {
  const [made, setMade] = useState<string>()
  return (
    <>
      <Section
        title="New token"
        about="For programs that ask as you: schedulers, scripts, the command line. A token can do what you may, within its scopes."
      >
        {made !== undefined && (
          <div className={css["once"]} role="status">
            <strong>Take the token now: it is not shown again.</strong>
            <CopyField text={made} label="The new token" />
          </div>
        )}
        <NewToken onMade={setMade} />
      </Section>
      <Section title="Your tokens">
        <Tokens />
      </Section>
    </>
  )
}

function NewToken({ onMade }: { readonly onMade: (token: string) => void }) {
  const spaces = useApi("listSpaces", { query: {} })
  const [now, set] = useState({ name: "", scopes: ["read", "run"] as readonly Scope[], days: 90, space: "" })
  const make = async () => {
    const { space, scopes, ...rest } = now
    const { token } = await api.call("createToken", { body: { ...rest, scopes: [...scopes], ...(space === "" ? {} : { space }) } })
    onMade(token)
    set({ ...now, name: "" })
  }
  const choose = (scope: Scope, isOn: boolean) =>
    set({ ...now, scopes: SCOPES.map((one) => one.scope).filter((one) => (one === scope ? isOn : now.scopes.includes(one))) })
  return (
    <Form action="Make token" isReady={now.name.trim() !== "" && now.scopes.length > 0} onSubmit={make}>
      <TextInput
        label="Name"
        placeholder="Airflow, production"
        value={now.name}
        onChange={(event) => set({ ...now, name: event.currentTarget.value })}
      />
      <Checkbox.Group label="Scopes" value={[...now.scopes]}>
        <Group mt={6} gap={16}>
          {SCOPES.map(({ scope, label }) => (
            <Checkbox key={scope} value={scope} label={label} onChange={(event) => choose(scope, event.currentTarget.checked)} />
          ))}
        </Group>
      </Checkbox.Group>
      <Select
        label="Only in"
        data={[
          { value: "", label: "Every space that I may see" },
          ...(spaces.data?.items ?? []).map(({ name, title }) => ({ value: name, label: title })),
        ]}
        value={now.space}
        onChange={(space) => set({ ...now, space: space ?? "" })}
      />
      <NumberInput label="Days until it ends" min={1} max={3650} value={now.days} onChange={(days) => set({ ...now, days: Number(days) || 1 })} />
    </Form>
  )
}

type Token = Answered<"listTokens">["items"][number]

function Tokens() {
  const forget = useForget()
  const [revoking, setRevoking] = useState<Token>()
  const { data, error } = useApi("listTokens", { query: {} })
  if (error) return <Problem error={error} />
  if (!data) return <SkeletonRows rows={3} />
  if (data.items.length === 0) return <Empty title="No tokens yet">The command line makes one by itself: stet sign-in.</Empty>
  return (
    <>
      <Rows columns={["Name", "Scopes", "Ends", "Last used", ""]} label="Tokens">
        {data.items.map((token) => (
          <tr key={token.id}>
            <td>{token.name}</td>
            <td className={css["quiet"]}>{token.scopes.join(", ")}</td>
            <td className={css["quiet"]}>
              <Time at={token.expiresAt} />
            </td>
            <td className={css["quiet"]}>
              <Time at={token.lastUsedAt} none="never" />
            </td>
            <td>
              {token.revokedAt === null ? <Button onClick={() => setRevoking(token)}>Revoke</Button> : <span className={css["quiet"]}>revoked</span>}
            </td>
          </tr>
        ))}
      </Rows>
      {revoking && (
        <ConfirmDialog
          title="Revoke this token"
          action="Revoke"
          onConfirm={() => api.call("revokeToken", { params: { token: revoking.id } }).then(forget)}
          onClose={() => setRevoking(undefined)}
        >
          <p>Whatever uses “{revoking.name}” is refused from now on. This cannot be undone.</p>
        </ConfirmDialog>
      )}
    </>
  )
}
