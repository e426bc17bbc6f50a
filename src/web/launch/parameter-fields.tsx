/** The form of a version's parameters, wherever something is run from. */
import { UnstyledButton } from "@mantine/core"
import { Wrong } from "#web/app/problem.tsx"
import css from "#web/launch/launch.module.css"
import { ParameterField } from "#web/launch/parameter-field.tsx"
import type { ValuesForm } from "#web/launch/values-form.ts"

export function ParameterFields({ form }: { readonly form: ValuesForm }) {
  return (
    <div className={css["fields"]}>
      {form.fields.map((field) => {
        const text = form.textOf(field)
        return (
          <ParameterField
            key={field.name}
            field={field}
            text={text}
            problem={form.problems.get(field.name)}
            onType={(typed) => form.type(field, typed)}
            onLeave={() => form.check(field)}
            file={{ uploads: form.uploads, sentFor: form.sentFor, onBusy: (isBusy) => form.onBusy(field.name, isBusy) }}
          />
        )
      })}
    </div>
  )
}

/** What is wrong beside the fields. */
export function ToldBeside({ form: { others, error } }: { readonly form: Pick<ValuesForm, "others" | "error"> }) {
  return (
    <>
      {others.map((message) => (
        <p key={message} role="alert" className={css["wrong"]}>
          {message}
        </p>
      ))}
      <Wrong error={error} />
    </>
  )
}

/** Whoever left the form and is back must not take for defaults what they typed then. */
export function FromBefore({ form: { isFromBefore, beginAnew } }: { readonly form: Pick<ValuesForm, "isFromBefore" | "beginAnew"> }) {
  if (!isFromBefore) return null
  return (
    <p className={css["note"]}>
      What you typed here before is still there.{" "}
      <UnstyledButton className={css["anew"]} onClick={beginAnew}>
        Begin anew
      </UnstyledButton>
    </p>
  )
}
