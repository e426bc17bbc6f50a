/** The run that the form describes, as it is ordered from elsewhere. */
import { Button, Tabs } from "@mantine/core"
import { copyText } from "#web/app/copy.ts"
import type { LaunchForm } from "#web/launch/launch-form.ts"
import { SNIPPETS } from "#web/templates/template-code.ts"
import css from "#web/templates/templates.module.css"

export function CodePart({ template, form: { code, isWhole } }: { readonly template: string; readonly form: LaunchForm }) {
  const { origin, values, files, secretNames } = code
  return (
    <section aria-label="As code">
      <h2>As code</h2>
      {!isWhole && <p className={css["quiet"]}>Some values of the form do not fit yet; they are left out here.</p>}
      <Tabs defaultValue="curl" keepMounted={false} className={css["code"] ?? ""}>
        <Tabs.List>
          {SNIPPETS.map(({ name, title }) => (
            <Tabs.Tab key={name} value={name}>
              {title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {SNIPPETS.map(({ name, title, about, write }) => {
          const text = write({ origin, template, values, files, secretNames })
          return (
            <Tabs.Panel key={name} value={name}>
              <p className={css["about"]}>
                <span>{about}</span>
                <Button size="compact-xs" variant="subtle" onClick={() => copyText(text, `${title} copied.`)}>
                  Copy
                </Button>
              </p>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is wider than the page is scrolled by keyboard too */}
              <pre tabIndex={0}>{text}</pre>
            </Tabs.Panel>
          )
        })}
      </Tabs>
      <p className={css["quiet"]}>
        Each needs a token with the scope <code>run</code>, made under <a href="/settings/tokens">Settings</a>. A generator makes a typed client of{" "}
        <a href={`/api/v1/templates/${encodeURIComponent(template)}/openapi.json`}>this template’s OpenAPI document</a>; agents find it as a tool at{" "}
        <code>{origin}/mcp</code>.
      </p>
    </section>
  )
}
