/** One template: what it is, its form, what it did lately. Nobody needs to know that there is a notebook behind it. */
import { Button, Switch } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import type { Answered } from "#api/contract.ts"
import { useApi } from "#web/app/api.ts"
import { one, useFilters } from "#web/app/filters.ts"
import { Go, useGo } from "#web/app/go.tsx"
import { useMe } from "#web/app/me.ts"
import { Page } from "#web/app/page.tsx"
import { PageProblem } from "#web/app/page-problem.tsx"
import { useParam } from "#web/app/params.ts"
import { Person } from "#web/app/person.tsx"
import { notebookHref, runHref, runsHref } from "#web/app/places.ts"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { StateBadge } from "#web/app/state-badge.tsx"
import { Duration, Time } from "#web/app/time.tsx"
import launch from "#web/launch/launch.module.css"
import { type LaunchForm, useLaunchForm } from "#web/launch/launch-form.ts"
import { schemaOfTemplate } from "#web/launch/lossless.ts"
import { FromBefore, ParameterFields, ToldBeside } from "#web/launch/parameter-fields.tsx"
import { Markdown } from "#web/outputs/markdown.tsx"
import { ChangeLog } from "#web/templates/change-log.tsx"
import { CodePart } from "#web/templates/code-part.tsx"
import { Example, Takes } from "#web/templates/docs-part.tsx"
import { InTheNameOf, Notes, TestedIn } from "#web/templates/notes.tsx"
import { OpenProposals } from "#web/templates/open-proposals.tsx"
import { PolicyPart } from "#web/templates/policy-part.tsx"
import { Stamp } from "#web/templates/stamp.tsx"
import { TemplateActions } from "#web/templates/template-actions.tsx"
import css from "#web/templates/templates.module.css"
import { TemplatesPage } from "#web/templates/templates-page.tsx"
import { UsagePart } from "#web/templates/usage-part.tsx"
import { TestsOfVersion } from "#web/tests/tests-of-version.tsx"

type Template = Answered<"getTemplate">

/** An address that ends with "templates/" names none: then it is the gallery. */
export function TemplatePage() {
  const name = useParam("_splat")
  return name === "" ? <TemplatesPage /> : <NamedTemplate key={name} name={name} />
}

function NamedTemplate({ name }: { readonly name: string }) {
  const { data, error, isPending, refetch } = useApi("getTemplate", { params: { template: name } })
  return (
    <Page
      title={data?.title ?? name}
      crumbs={[{ label: "Templates", href: "/templates" }, { label: name }]}
      actions={data && <TemplateActions template={data} />}
    >
      {error && !data ? <PageProblem error={error} retry={refetch} /> : null}
      {isPending && <SkeletonRows rows={6} />}
      {data && <Shown template={data} />}
    </Page>
  )
}

function Shown({ template }: { readonly template: Template }) {
  return template.latest === 0 ? <Sheet template={template} form={undefined} /> : <Asked template={template} />
}

function Sheet({ template, form }: { readonly template: Template; readonly form: LaunchForm | undefined }) {
  const { title, name, owner, description, openProposals, notebook } = template
  return (
    <div className={css["sheet"]}>
      <div className={css["intro"]}>
        {!/^\s*#\s/u.test(description) && <h1 dir="auto">{title}</h1>}
        <Notes template={template} />
        {description !== "" && <Markdown source={description} />}
        <p className={css["facts"]}>
          <Stamp template={template} />
          <span>
            Owned by <Person person={owner} />
          </span>
          <InTheNameOf template={template} />
          <TestedIn template={template} />
          {!notebook.codeHidden && !notebook.isGone && <Go href={notebookHref(notebook.id)}>Open its source</Go>}
        </p>
      </div>
      <aside className={css["form"]} aria-label="Run it">
        {template.standsInTheWay !== "" && (
          <p role="alert" className={launch["wrong"]}>
            {template.standsInTheWay}
          </p>
        )}
        {form ? <Form form={form} /> : <p>It can be run when its first proposal is promoted.</p>}
      </aside>
      <div className={css["history"]}>
        {openProposals > 0 && <OpenProposals template={name} />}
        {form && <Takes form={form} />}
        {form && <Example name={name} />}
        <Runs name={name} />
        {form && <UsagePart name={name} profile={template.profile} />}
        {form && <CodePart template={name} form={form} />}
        {template.version !== null && !notebook.isGone && (template.mayEdit || !notebook.codeHidden) && (
          <TestsOfVersion notebook={notebook.id} version={template.version} mayEdit={template.mayEdit} template={template} />
        )}
        <ChangeLog template={template} />
        <PolicyPart template={template} />
      </div>
    </div>
  )
}

/** The schema with its numbers spelled as the author wrote them. */
function Asked({ template }: { readonly template: Template }) {
  const { notebook, version, name } = template
  const shown = useApi("getNotebook", { params: { notebook: notebook.id } })
  const schema = useQuery({
    queryKey: ["launch form", "template", name, version],
    queryFn: () => schemaOfTemplate(name),
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (shown.error ?? schema.error) return <Problem error={shown.error ?? schema.error} retry={schema.refetch} />
  if (!shown.data || schema.data === undefined) return <SkeletonRows rows={4} />
  return <WithForm template={template} notebook={shown.data} schema={schema.data} />
}

type FormProps = { readonly template: Template } & Pick<Parameters<typeof useLaunchForm>[0], "notebook" | "schema">

const NOTHING_GIVEN = {}

function WithForm({ template, notebook, schema }: FormProps) {
  const keptAs = `template ${template.name}`
  const form = useLaunchForm({ notebook, version: template.version ?? 1, schema, given: NOTHING_GIVEN, template: template.name, keptAs })
  return <Sheet template={template} form={form} />
}

function Form({ form }: { readonly form: LaunchForm }) {
  const go = useGo()
  const launched = async () => {
    const run = await form.launch()
    if (run) go(runHref(run.id))
  }
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void launched()
      }}
    >
      <ToldBeside form={form} />
      <FromBefore form={form} />
      <ParameterFields form={form} />
      <Button type="submit" variant="filled" size="md" fullWidth mt={16} loading={form.isLaunching}>
        Run
      </Button>
    </form>
  )
}

function Runs({ name }: { readonly name: string }) {
  const label = `stet/template=${name}`
  const { person } = useMe()
  const [filters, change] = useFilters()
  const isMine = one(filters, "runs") === "mine"
  const query = { label, limit: 8, ...(isMine ? { orderedBy: person.id } : {}) }
  const { data } = useApi("listRuns", { query }, { everyMs: 10_000 })
  if (!data || (data.items.length === 0 && !isMine)) return null
  return (
    <section aria-label="Runs">
      <div className={css["heading"]}>
        <h2>Latest runs</h2>
        <Switch size="xs" label="Mine" checked={isMine} onChange={(event) => change({ runs: event.currentTarget.checked ? "mine" : undefined })} />
      </div>
      {data.items.length === 0 && <p className={css["quiet"]}>You have not run it yet.</p>}
      <table className={css["runs"]}>
        <tbody>
          {data.items.map((run) => (
            <tr key={run.id}>
              <td>
                <Go href={runHref(run.id)}>
                  <StateBadge state={run.state} title={run.explanation} />
                </Go>
              </td>
              <td>
                <Person person={run.orderedBy} />
              </td>
              <td>
                <Time at={run.createdAt} />
              </td>
              <td>
                <Duration from={run.startedAt} to={run.endedAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={css["after"]}>
        <Go href={runsHref({ label, ...(isMine ? { orderedBy: person.id } : {}) })}>{isMine ? "All of yours" : "All its runs"}</Go>
      </p>
    </section>
  )
}
