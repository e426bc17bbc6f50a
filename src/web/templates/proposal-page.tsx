/** A proposal: what stands between it and its promotion, and what people say of it. */
import { IconAlertTriangle, IconCheck, IconCircleDotted } from "@tabler/icons-react"
import type { Answered } from "#api/contract.ts"
import { useApi } from "#web/app/api.ts"
import { Go } from "#web/app/go.tsx"
import { Page } from "#web/app/page.tsx"
import { PageProblem } from "#web/app/page-problem.tsx"
import { useParam } from "#web/app/params.ts"
import { Person } from "#web/app/person.tsx"
import { notebookHref, runHref, templateHref, versionsHref } from "#web/app/places.ts"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { Time } from "#web/app/time.tsx"
import { shortValue } from "#web/launch/typed.ts"
import { givenOf } from "#web/runs/given.ts"
import { Breaks } from "#web/templates/breaks.tsx"
import { Consent, Decide } from "#web/templates/decide.tsx"
import { ProposalFindings } from "#web/templates/proposal-findings.tsx"
import { ShownAgain } from "#web/templates/shown-again.tsx"
import css from "#web/templates/templates.module.css"
import { CellComments, WhatChanged } from "#web/templates/what-changed.tsx"
import { Approvals } from "#web/templates/who-approves.tsx"

type Proposal = Answered<"getProposal">

export function ProposalPage() {
  const id = useParam("proposal")
  // Its runs end while one looks.
  const { data, error, isPending, refetch } = useApi("getProposal", { params: { proposal: id } }, { everyMs: 3000 })
  const name = data?.template.name ?? "Proposal"
  const crumbs = [
    { label: "Templates", href: "/templates" },
    { label: name, ...(data ? { href: templateHref(name) } : {}) },
    { label: `Version ${data?.version ?? "…"}` },
  ]
  return (
    <Page title={`Version ${data?.version ?? ""} for ${name}`} crumbs={crumbs}>
      {error && !data ? <PageProblem error={error} retry={refetch} /> : null}
      {isPending && <SkeletonRows rows={6} />}
      {data && <Shown proposal={data} />}
    </Page>
  )
}

function Shown({ proposal }: { readonly proposal: Proposal }) {
  const { template, version, author, createdAt, message, state, notebook } = proposal
  return (
    <article className={css["proposal"]}>
      <header className={css["asked"]}>
        <h1>
          Version {version} for <code>{template.name}</code>
        </h1>
        <p className={css["quiet"]}>
          Proposed by <Person person={author} />, <Time at={createdAt} />
          {state !== "open" && ` · ${state}`}
        </p>
        {message !== "" && <p dir="auto">{message}</p>}
        <p className={css["facts"]}>
          <Go href={versionsHref(notebook, version)}>Look at this version</Go>
          <Go href={notebookHref(notebook)}>Open the notebook</Go>
        </p>
      </header>
      <div className={css["grounds"]}>
        <Approvals proposal={proposal} />
        <Checks proposal={proposal} />
        <Breaks proposal={proposal} />
        <ShownAgain proposal={proposal} />
        <WhatChanged proposal={proposal} />
        <CellComments notebook={notebook} />
        <ProposalFindings proposal={proposal} />
      </div>
      {/* Beside its grounds where there is room; else how it stands before them, and the decision after them. */}
      <aside className={css["verdict"]} aria-label="How it stands">
        <Gates proposal={proposal} />
        <div className={css["deciding"]}>
          <Consent proposal={proposal} />
          {state === "open" && proposal.mayEdit && <Decide proposal={proposal} />}
        </div>
      </aside>
    </article>
  )
}

const GATES = { rerun: "Fresh rerun", tests: "Test cases", secrets: "No secrets", approvals: "Approvals", consent: "Consent" } as const
const LOOKS = { passed: IconCheck, failed: IconAlertTriangle, pending: IconCircleDotted } as const

function Gates({ proposal: { gates } }: { readonly proposal: Proposal }) {
  return (
    <ul className={css["gates"]} aria-label="Gates">
      {gates.map(({ gate, state, said }) => {
        const Icon = LOOKS[state]
        return (
          <li key={gate} data-state={state}>
            <Icon size={16} stroke={2} aria-hidden="true" />
            <b>{GATES[gate]}</b>
            <span className="unseen">{state}</span>
            <span>{said}</span>
          </li>
        )
      })}
    </ul>
  )
}

function Checks({ proposal: { checks } }: { readonly proposal: Proposal }) {
  return (
    <section aria-label="Runs that prove it">
      <h2>Runs</h2>
      <table className={css["runs"]}>
        <tbody>
          {checks.map(({ name, verdict, said, weaknesses, run, ...given }) => (
            <tr key={name}>
              <td>
                {run === null ? name : <Go href={runHref(run)}>{name}</Go>}
                <Given given={givenOf(given)} />
              </td>
              <td data-state={verdict}>{verdict === "pending" ? "runs" : verdict}</td>
              <td dir="auto">
                {said}
                {weaknesses.map((weak) => (
                  <div key={weak} className={css["warning"]}>
                    {weak}
                  </div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** With which values; nothing where the notebook's own were taken. */
function Given({ given }: { readonly given: ReturnType<typeof givenOf> }) {
  const entries = Object.entries(given)
  if (entries.length === 0) return null
  return (
    <span className={css["given"]}>
      {entries.map(([name, value]) => (
        <bdi key={name}>
          {name} = {shortValue(value, 80)}
        </bdi>
      ))}
    </span>
  )
}
