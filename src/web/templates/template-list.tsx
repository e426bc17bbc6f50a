/** Templates as rows: what each is, which version its name stands for, whose it is. */
import type { Answered } from "#api/contract.ts"
import { Go } from "#web/app/go.tsx"
import { Person } from "#web/app/person.tsx"
import { templateHref } from "#web/app/places.ts"
import { Time } from "#web/app/time.tsx"
import { Stamp } from "#web/templates/stamp.tsx"
import css from "#web/templates/templates.module.css"

type Template = Answered<"listTemplates">["items"][number]

export function TemplateList({ templates }: { readonly templates: readonly Template[] }) {
  return (
    <ul className={css["list"]}>
      {templates.map((template) => (
        <OneTemplate key={template.id} template={template} />
      ))}
    </ul>
  )
}

function OneTemplate({ template }: { readonly template: Template }) {
  const { name, title, description, owner, space, deprecatedAt, promotedAt } = template
  return (
    <li className={css["item"]} data-deprecated={deprecatedAt !== null || undefined}>
      <div className={css["what"]}>
        <Go href={templateHref(name)}>
          <bdi>{title}</bdi>
        </Go>
        <code>{name}</code>
        {summaryOf(description) !== "" && <span className={css["quiet"]}>{summaryOf(description)}</span>}
      </div>
      <Stamp template={template} />
      <span className={css["quiet"]}>
        <Person person={owner} /> · <bdi>{space.name}</bdi>
      </span>
      {promotedAt !== null && (
        <span className={css["quiet"]}>
          <Time at={promotedAt} />
        </span>
      )}
    </li>
  )
}

const LONGEST = 160

/** The first sentence below the title, without the marks of Markdown. */
function summaryOf(description: string): string {
  const prose = description.split(/\n\s*\n|\n(?=#)/u).find((part) => part.trim() !== "" && !/^\s*(#|!\[|<|\||```|[-*_]{3})/u.test(part)) ?? ""
  const plain = prose
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/gu, "$1")
    .replaceAll(/[*_`>]/gu, "")
    .replaceAll(/\s+/gu, " ")
    .trim()
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST)}…` : plain
}
