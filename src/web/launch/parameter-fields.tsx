/** The form of a version's parameters, wherever something is run from. */
import { uploadIn } from "#web/launch/given-file.ts"
import css from "#web/launch/launch.module.css"
import type { LaunchForm } from "#web/launch/launch-form.ts"
import { ParameterField } from "#web/launch/parameter-field.tsx"

export function ParameterFields({ form }: { readonly form: LaunchForm }) {
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
            file={{ upload: form.uploads.get(uploadIn(text) ?? ""), sentFor: form.sentFor, onBusy: (isBusy) => form.onBusy(field.name, isBusy) }}
          />
        )
      })}
    </div>
  )
}
