import { Go } from "#web/app/go.tsx"
import { Person } from "#web/app/person.tsx"
import { versionsHref } from "#web/app/places.ts"
import { StateBadge } from "#web/app/state-badge.tsx"
import { Duration, Time } from "#web/app/time.tsx"
import { orchestratorOf, triggerWords } from "#web/run/next-step.ts"
import css from "#web/run/run.module.css"
import type { RunSheet } from "#web/run/run-sheet.ts"

/** What ran, how it stands, who wanted it and when. */
export function RunHead({ sheet: { now: run }, name }: { readonly sheet: RunSheet; readonly name: string }) {
  const orchestrator = orchestratorOf(run.orchestrator)
  return (
    <header className={css["head"]}>
      <div className={css["title"]}>
        <span className={css["state"]}>
          <StateBadge state={run.state} />
        </span>
        <h1>
          <bdi>{name}</bdi>
        </h1>
      </div>
      <p className={css["facts"]}>
        <span>{run.codeHidden ? `Version ${run.version}` : <Go href={versionsHref(run.notebook.id, run.version)}>Version {run.version}</Go>}</span>
        <span>
          <Person person={run.orderedBy} /> {triggerWords(run)}
        </span>
        {run.ranAs.id !== run.orderedBy.id && (
          <span>
            in the name of <Person person={run.ranAs} />
          </span>
        )}
        {orchestrator && (
          <span>{orchestrator.href === undefined ? orchestrator.name : <OutwardLink href={orchestrator.href} word={orchestrator.name} />}</span>
        )}
        <span>
          {run.startedAt === null ? "ordered " : "started "}
          <Time at={run.startedAt ?? run.createdAt} />
        </span>
        {run.startedAt !== null && (
          <span>
            {run.endedAt === null ? "for " : "took "}
            <Duration from={run.startedAt} to={run.endedAt} />
          </span>
        )}
        {run.attempt > 1 && <span>attempt {run.attempt}</span>}
      </p>
    </header>
  )
}

function OutwardLink({ href, word }: { readonly href: string; readonly word: string }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      <bdi>{word}</bdi>
    </a>
  )
}
