import type { PlainChange } from "#web/run/reading/outline.ts"
import css from "#web/versions/diff.module.css"

/** Metadata that changed, key by key. */
export function Members({ members, title }: { readonly members: readonly PlainChange[]; readonly title: string }) {
  if (members.length === 0) return null
  return (
    <details className={css["members"]}>
      <summary>
        {title}: {members.map(({ path }) => path.replace(/^metadata\./u, "")).join(", ")}
      </summary>
      <table>
        <tbody>
          {members.map(({ path, before, after }) => (
            <tr key={path}>
              <th scope="row">
                <code>{path}</code>
              </th>
              <td>{before === undefined ? "" : <del>{JSON.stringify(before)}</del>}</td>
              <td>{after === undefined ? "" : <ins>{JSON.stringify(after)}</ins>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
