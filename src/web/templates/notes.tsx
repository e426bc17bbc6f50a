/** What whoever runs a template, or answers for it, should know before anything else. */
import { Button } from "@mantine/core"
import type { Answered } from "#api/contract.ts"
import { api, useForget } from "#web/app/api.ts"
import { Go } from "#web/app/go.tsx"
import { Person } from "#web/app/person.tsx"
import { templateHref } from "#web/app/places.ts"
import { Time } from "#web/app/time.tsx"
import { toast, toastError } from "#web/app/toast.tsx"
import css from "#web/templates/templates.module.css"

type Template = Answered<"getTemplate">

export function Notes({ template }: { readonly template: Template }) {
  const { deprecatedAt, deprecation, successor, notebook, owner, latest, newest, version, environments, mayEdit, mayAdminister } = template
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
      {mayEdit && <ChangedEnvironment environments={environments} />}
      {notebook.isGone && (
        <p className={css["deprecation"]} role="note">
          The notebook that it was made from is in the trash. It runs on, from the version that was approved.
        </p>
      )}
    </>
  )
}

const THERE = {
  passed: "Its test cases pass there; propose it again to prove it there as a whole.",
  failed: "Its test cases fail there: give the name back what it meant, or propose a version that passes.",
  pending: "Its test cases run there now.",
  waiting: "Its test cases wait for a yes there, because they change something outside.",
} as const

function ChangedEnvironment({ environments }: Pick<Template, "environments">) {
  const { proven, last, now, tested } = environments
  const became = now ?? last
  if (proven === null || became === null || proven === became) return null
  return (
    <p className={css["deprecation"]} role="note">
      <b>Its environment has changed since it was approved.</b> It was proven in <Environment sha256={proven} environments={environments} /> and{" "}
      {now === null ? "ran last in" : "runs now in"} <Environment sha256={became} environments={environments} />.{" "}
      {tested?.environment === became ? THERE[tested.state] : "Propose it again to prove it there."}
    </p>
  )
}

/** By what it is called, and the first digits of what it is. */
function Environment({ sha256, environments: { names } }: { readonly sha256: string } & Pick<Template, "environments">) {
  return (
    <>
      {names[sha256] !== undefined && `${names[sha256]} `}
      <code>{sha256.slice(0, 8)}</code>
    </>
  )
}

const TESTED = { passed: "Tests pass in", failed: "Tests fail in", pending: "Tests run in", waiting: "Tests wait for a yes in" } as const

/** Nothing where it has no test cases, or for those who may not see what they come to. */
export function TestedIn({ template: { environments } }: { readonly template: Template }) {
  const { tested } = environments
  if (!tested) return null
  return (
    <span data-state={tested.state}>
      {TESTED[tested.state]} <Environment sha256={tested.environment} environments={environments} />
      {(tested.state === "passed" || tested.state === "failed") && (
        <>
          {" "}
          since <Time at={tested.since} />
        </>
      )}
    </span>
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
