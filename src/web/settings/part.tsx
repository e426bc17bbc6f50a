/** What the parts of the settings are made of. */
import { type ReactNode, useId } from "react"
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
  return (
    <div className={css["scroll"]}>
      <table className={`${css["rows"]} ${columns.at(-1) === "" ? css["acting"] : ""}`} aria-label={label}>
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
    </div>
  )
}
