/** The form of a version's parameters, wherever something is run from. */
import css from "#web/launch/launch.module.css"
import type { LaunchForm } from "#web/launch/launch-form.ts"
import { ParameterField } from "#web/launch/parameter-field.tsx"

export function ParameterFields({ form }: { readonly form: LaunchForm }) {
  return (
    <div className={css["fields"]}>
      {form.fields.map((field) => (
        <ParameterField
          key={field.name}
          field={field}
          text={form.textOf(field)}
          problem={form.problems.get(field.name)}
          onType={(text) => form.type(field, text)}
          onLeave={() => form.check(field)}
        />
      ))}
    </div>
  )
}
