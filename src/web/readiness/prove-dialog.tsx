/** What has to be said before a version runs afresh: the values that it does not have itself, and a yes to what it changes outside. */
import type { Json } from "#base/json.ts"
import { api } from "#web/app/api.ts"
import { FormDialog } from "#web/app/form-dialog.tsx"
import { ParameterFields, ToldBeside } from "#web/launch/parameter-fields.tsx"
import { useValuesForm } from "#web/launch/values-form.ts"
import { plainWords, type Writing } from "#web/readiness/look.ts"
import css from "#web/readiness/readiness.module.css"

type Props = {
  /** Of the notebook. */
  readonly id: string
  readonly version: number
  /** Of the parameters that the version has no values for. */
  readonly schema: Json
  readonly times: 1 | 2
  readonly writings: readonly Writing[]
  readonly onClose: () => void
}

const NOTHING_GIVEN = {}

export function ProveDialog({ id, version, schema, times, writings, onClose }: Props) {
  const form = useValuesForm({ schema, given: NOTHING_GIVEN, sentFor: { notebook: id } })
  const begin = async () => {
    const asked = { times, mayWrite: writings.length > 0 }
    const begun = await form.send((parameters) => api.call("askProof", { params: { notebook: id, version }, body: { ...asked, parameters } }))
    return begun !== undefined
  }
  return (
    <FormDialog title="Run it afresh?" action={writings.length > 0 ? "Run it all the same" : "Run it afresh"} onSubmit={begin} onClose={onClose}>
      {form.fields.length > 0 && (
        <>
          <p className={css["hint"]}>
            Version {version} has no values of its own for these, or names a file that does not come with it. What they are here is kept with the
            proof, secrets are not.
          </p>
          <ParameterFields form={form} />
        </>
      )}
      {writings.length > 0 && (
        <div className={css["again"]}>
          <p>It changes something outside of the notebook, and does so again when it runs{times === 2 && ", twice"}:</p>
          <ul>
            {writings.map(({ cell, number, what }) => (
              <li key={cell}>
                Cell {number} {what.map(plainWords).join(", ")}
              </li>
            ))}
          </ul>
        </div>
      )}
      <ToldBeside form={form} />
    </FormDialog>
  )
}
