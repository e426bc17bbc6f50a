/** Two tables laid over one another: only the rows that are not the same, each value that is another with what it was. */
import type { ExplainedTable } from "#notebook/index.ts"
import { counted } from "#web/app/words.ts"
import css from "#web/versions/diff.module.css"

type Row = ExplainedTable["rows"][number]

const ROW_MARKS: Readonly<Record<Row["is"], string>> = { same: "", changed: "≠", gone: "−", come: "+" }

export function TableApart({ table: { columns, rows, counts, more, isShortened } }: { readonly table: ExplainedTable }) {
  const words = [
    ...(counts.changed > 0 ? [`${counted(counts.values, "value")} changed in ${counted(counts.changed, "row")}`] : []),
    ...(counts.gone > 0 ? [`${counted(counts.gone, "row")} gone`] : []),
    ...(counts.come > 0 ? [`${counted(counts.come, "row")} new`] : []),
    `${counted(counts.same, "row")} the same`,
  ]
  return (
    <>
      <p className={css["quiet"]}>
        {words.join(" · ")}
        {isShortened && " · rows that the outputs leave out were not looked at"}
      </p>
      {(rows.length > 0 || columns.some(({ is }) => is !== "same")) && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
        <section className={css["wide"]} aria-label="Rows that differ" tabIndex={0}>
          <table className={css["apart"]}>
            <thead>
              <tr>
                <th scope="col">
                  <span className="unseen">Row</span>
                </th>
                {columns.map(({ name, is }, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
                  <th key={at} scope="col" data-is={is}>
                    {is === "gone" ? <del>{name}</del> : is === "come" ? <ins>{name}</ins> : name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <OneRow key={`${row.is} ${row.at}`} row={row} columns={columns} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {more > 0 && <p className={css["quiet"]}>{counted(more, "more row")} that differ.</p>}
    </>
  )
}

function OneRow({ row, columns }: { readonly row: Row; readonly columns: ExplainedTable["columns"] }) {
  return (
    <tr data-is={row.is}>
      <th scope="row">
        {ROW_MARKS[row.is]} {row.at}
      </th>
      {row.values.map(({ text, before }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a value is its place in the row
        <td key={at} data-is={columns[at]?.is} dir="auto">
          {before !== undefined && <del>{before === "" ? "∅" : before}</del>} {before === undefined ? text : <ins>{text === "" ? "∅" : text}</ins>}
        </td>
      ))}
    </tr>
  )
}
