/** What waits for a decision of those who may edit it. */
import { useApi } from "#web/app/api.ts"
import { Go } from "#web/app/go.tsx"
import { Person } from "#web/app/person.tsx"
import { proposalHref } from "#web/app/places.ts"
import { Time } from "#web/app/time.tsx"
import css from "#web/templates/templates.module.css"

export function OpenProposals({ template }: { readonly template?: string }) {
  const { data } = useApi("listProposals", { query: { state: "open", ...(template === undefined ? {} : { template }) } }, { everyMs: 15_000 })
  if (!data || data.items.length === 0) return null
  return (
    <section className={css["proposals"]} aria-label="Open proposals">
      <h2>{data.items.length === 1 ? "One proposal is open" : `${data.items.length} proposals are open`}</h2>
      <ul>
        {data.items.map(({ id, template: { name }, version, author, message, createdAt }) => (
          <li key={id}>
            <Go href={proposalHref(id)}>
              Version {version} for <code>{name}</code>
            </Go>
            {message !== "" && <span dir="auto"> {message.slice(0, 120)}</span>}
            <span className={css["quiet"]}>
              {" "}
              · <Person person={author} />, <Time at={createdAt} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
