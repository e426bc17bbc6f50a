/** A run beside an earlier one that went well: code, parameters, environment, outputs. */
import { skipToken, useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { useApi } from "#web/app/api.ts"
import { Empty } from "#web/app/empty.tsx"
import { Go } from "#web/app/go.tsx"
import { runHref, versionsHref } from "#web/app/places.ts"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonBox } from "#web/app/skeleton.tsx"
import { StateBadge } from "#web/app/state-badge.tsx"
import { Duration, Time } from "#web/app/time.tsx"
import { type Difference, environmentFacts, environmentsDiffer, valuesDiffer } from "#web/run/comparison.ts"
import { useEarlier } from "#web/run/earlier.ts"
import { reader, type Source } from "#web/run/reading/reader.ts"
import css from "#web/run/run.module.css"
import { givenToCompare } from "#web/runs/given.ts"
import type { RunView } from "#web/runs/pages.ts"
import { Differences } from "#web/versions/differences.tsx"

type Props = {
  readonly run: RunView
  /** Another run than the last good one. */
  readonly against: string | undefined
}

export function CompareView({ run, against }: Props) {
  const earlier = useEarlier(run, against)
  if (earlier.error) return <Problem error={earlier.error} retry={earlier.refetch} />
  if (earlier.isPending) return <SkeletonBox height={240} />
  if (earlier.data === null)
    return (
      <Empty title="There is nothing to compare with">
        No earlier run of this notebook succeeded. The next one that does stands here for those after it.
      </Empty>
    )
  return <Compared run={run} earlier={earlier.data} />
}

function Compared({ run, earlier }: { readonly run: RunView; readonly earlier: RunView }) {
  return (
    <div className={css["compared"]}>
      <p className={css["with"]}>
        Compared with{" "}
        <Go href={runHref(earlier.id)}>
          the run of <Time at={earlier.createdAt} />
        </Go>
        <StateBadge state={earlier.state} />
        <span className={css["quiet"]}>
          version {earlier.version}, took <Duration from={earlier.startedAt} to={earlier.endedAt ?? earlier.startedAt} />
        </span>
      </p>
      <Section title="Parameters">
        <Rows differences={valuesDiffer(givenToCompare(earlier), givenToCompare(run))} same="The same values." />
      </Section>
      <Section title="Environment">
        <Environments before={earlier.environment} after={run.environment} />
      </Section>
      <Section title="Code and outputs">
        <p>
          {earlier.version === run.version ? (
            <>The same version, {run.version}.</>
          ) : (
            <Go href={`${versionsHref(run.notebook.id, run.version)}?against=${earlier.version}`}>
              Version {earlier.version} became version {run.version}
            </Go>
          )}
        </p>
        <Results run={run} earlier={earlier} />
      </Section>
    </div>
  )
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section aria-label={title} className={css["section"]}>
      <h2>{title}</h2>
      {children}
    </section>
  )
}

function Rows({ differences, same }: { readonly differences: readonly Difference[]; readonly same: string }) {
  if (differences.length === 0) return <p className={css["quiet"]}>{same}</p>
  return (
    <table className={css["differences"]}>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Earlier</th>
          <th scope="col">This run</th>
        </tr>
      </thead>
      <tbody>
        {differences.map(({ name, before, after }) => (
          <tr key={name}>
            <th scope="row">
              <code>{name}</code>
            </th>
            <td dir="auto">{before === undefined ? <span className={css["quiet"]}>not given</span> : <del>{before}</del>}</td>
            <td dir="auto">{after === undefined ? <span className={css["quiet"]}>not given</span> : <ins>{after}</ins>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Environments({ before, after }: { readonly before: string | null; readonly after: string | null }) {
  const isOther = before !== after && before !== null && after !== null
  const was = useApi("getEnvironment", { params: { environment: before ?? "" } }, { enabled: isOther })
  const is = useApi("getEnvironment", { params: { environment: after ?? "" } }, { enabled: isOther })
  if (before === after) return <p className={css["quiet"]}>{before === null ? "Neither is known." : "The same, to the last package."}</p>
  if (!isOther) return <p className={css["quiet"]}>One of the two is not known.</p>
  const error = was.error ?? is.error
  if (error) return <Problem error={error} />
  if (!was.data || !is.data) return <SkeletonBox height={40} />
  return (
    <Rows
      differences={environmentsDiffer(environmentFacts(was.data.what), environmentFacts(is.data.what))}
      same="The same packages, described differently."
    />
  )
}

function Results({ run, earlier }: { readonly run: RunView; readonly earlier: RunView }) {
  const before = resultOf(earlier)
  const after = resultOf(run)
  const changes = useQuery({
    queryKey: ["compare", before, after],
    queryFn: before && after ? () => reader.compare(before, after, "results") : skipToken,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  if (before === undefined || after === undefined) return <p className={css["quiet"]}>One of the two results is no longer kept.</p>
  if (changes.error) return <Problem error={changes.error} retry={changes.refetch} />
  if (!changes.data) return <SkeletonBox height={160} />
  return <Differences changes={changes.data} before={before} after={after} nothing="Nothing differs: the same code gave the same outputs." />
}

function resultOf({ id, attempt, result }: RunView): Source | undefined {
  return result === null ? undefined : { kind: "result", run: id, attempt }
}
