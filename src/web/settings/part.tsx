/** What the parts of the settings are made of. */
import { Button } from "@mantine/core"
import { type ReactNode, useId } from "react"
import { Wrong } from "#web/app/problem.tsx"
import { useSubmit } from "#web/app/submit.ts"
import css from "#web/settings/settings.module.css"

export function Section({ title, about, children }: { readonly title: string; readonly about?: string; readonly children: ReactNode }) {
  const id = useId()
  return (
    <section className={css["section"]} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {about !== undefined && <p>{about}</p>}
      {children}
    </section>
  )
}

/** A dense table. `columns`: their headings; an empty one is for the buttons. */
export function Rows({ columns, label, children }: { readonly columns: readonly string[]; readonly label: string; readonly children: ReactNode }) {
  const isActing = columns.at(-1) === ""
  return (
    // Where no button stands in it, the keyboard must reach the whole to move it sideways.
    <section className={css["scroll"]} {...(isActing ? {} : { tabIndex: 0, "aria-label": label })}>
      <table className={`${css["rows"]} ${isActing ? css["acting"] : ""}`} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column === "" ? <span className="unseen">Actions</span> : column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  )
}

type FormProps = {
  /** A verb. */
  readonly action: string
  readonly isReady?: boolean
  /** What it throws is shown below the fields. */
  readonly onSubmit: () => Promise<unknown>
  /** What to know while it goes on, where that takes its time. */
  readonly meanwhile?: string
  readonly children: ReactNode
}

/** Fields, what went wrong, one verb. */
export function Form({ action, isReady = true, onSubmit, meanwhile, children }: FormProps) {
  const { submit, error, isDoing } = useSubmit(onSubmit)
  return (
    <form onSubmit={submit} className={css["form"]}>
      {children}
      <Wrong error={error} />
      {isDoing && meanwhile !== undefined && <p role="status">{meanwhile}</p>}
      <Button type="submit" variant="filled" loading={isDoing} disabled={!isReady}>
        {action}
      </Button>
    </form>
  )
}
