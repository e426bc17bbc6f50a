/** What whoever runs a template, or answers for it, should know before anything else. */
import { Button } from "@mantine/core"
import type { Answered } from "#api/contract.ts"
import { api, useForget } from "#web/app/api.ts"
import { Go } from "#web/app/go.tsx"
import { Person } from "#web/app/person.tsx"
import { templateHref } from "#web/app/places.ts"
import { toast, toastError } from "#web/app/toast.tsx"
import css from "#web/templates/templates.module.css"

type Template = Answered<"getTemplate">

export function Notes({ template }: { readonly template: Template }) {
  const { deprecatedAt, deprecation, successor, notebook, owner, latest, newest, version, environments, mayEdit, mayAdminister } = template
  const { proven, last } = environments
  return (
    <>
      {deprecatedAt !== null && (
        <p className={css["deprecation"]} role="note">
          <b>Do not use this any more.</b> <span dir="auto">{deprecation}</span>{" "}
          {successor !== null && <Go href={templateHref(successor)}>Use {successor}</Go>}
        </p>
      )}
      {owner.hasLeft && (
        <p className={css["deprecation"]} role="note">
          <b>Nobody answers for it.</b> {owner.name} has left
          {mayAdminister ? ": hand it over below." : "; an administrator of its space can hand it over."}
        </p>
      )}
      {latest < newest && (
        <p className={css["deprecation"]} role="note">
          It went back to version {version}. The next promotion goes on from there.
        </p>
      )}
      {mayEdit && proven !== null && last !== null && proven !== last && (
        <p className={css["deprecation"]} role="note">
          <b>Its environment has changed since it was approved.</b> It was proven in <code>{proven.slice(0, 8)}</code> and ran last in{" "}
          <code>{last.slice(0, 8)}</code>: propose it again to prove it there.
        </p>
      )}
      {notebook.isGone && (
        <p className={css["deprecation"]} role="note">
          The notebook that it was made from is in the trash. It runs on, from the version that was approved.
        </p>
      )}
    </>
  )
}

/** Nothing while it runs in the name of whoever asks. */
export function InTheNameOf({ template: { name, runsAs, mayRevoke } }: { readonly template: Template }) {
  const forget = useForget()
  if (!runsAs) return null
  const revoke = async () => {
    try {
      await api.call("revokeConsent", { params: { template: name } })
      toast(`It runs in the name of ${runsAs.name} no more.`)
    } catch (error) {
      toastError(error)
    }
    await forget()
  }
  return (
    <>
      <span>
        Runs in the name of <Person person={runsAs} />
      </span>
      {mayRevoke && (
        <Button size="compact-xs" onClick={revoke}>
          Take the consent back
        </Button>
      )}
    </>
  )
}
