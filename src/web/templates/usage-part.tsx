/** Who uses a template, how often it fails, how long it takes, what it may use. */
import type { Answered } from "#api/contract.ts"
import { toHuman } from "#base/time.ts"
import { useApi } from "#web/app/api.ts"
import { Go } from "#web/app/go.tsx"
import { Person } from "#web/app/person.tsx"
import { runHref } from "#web/app/places.ts"
import { Time } from "#web/app/time.tsx"
import { byWords } from "#web/templates/by-words.ts"
import css from "#web/templates/templates.module.css"

type Usage = Answered<"getTemplateUsage">
type Profile = Answered<"getTemplate">["profile"]

export function UsagePart({ name, profile }: { readonly name: string; readonly profile: Profile }) {
  const { data } = useApi("getTemplateUsage", { params: { template: name } }, { everyMs: 30_000 })
  if (!data) return null
  return (
    <>
      <Proved usage={data} />
      <section aria-label="Usage">
        <h2>Usage</h2>
        <dl className={css["numbers"]}>
          {numbersOf(data, profile).map(([word, value]) => (
            <div key={word}>
              <dt>{word}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <Callers usage={data} />
      </section>
    </>
  )
}

function numbersOf(usage: Usage, profile: Profile): readonly (readonly [string, string])[] {
  const { runs, runsMonth, failuresMonth, typicalSeconds, slowSeconds } = usage
  const environment = profile.environment ?? usage.proofs.find(({ environment: digest }) => digest !== null)?.environment?.slice(0, 12)
  return [
    ["Runs", runs.toLocaleString("en-US")],
    ["In thirty days", `${runsMonth.toLocaleString("en-US")}, ${failuresMonth.toLocaleString("en-US")} failed`],
    ...(typicalSeconds === null ? [] : [["Usually takes", toHuman(typicalSeconds * 1000)] as const]),
    ...(slowSeconds === null || slowSeconds === typicalSeconds ? [] : [["Seldom more than", toHuman(slowSeconds * 1000)] as const]),
    ...(profile.memoryBytes === undefined ? [] : [["Memory", `${(profile.memoryBytes / 1e9).toFixed(1)} GB`] as const]),
    ...(profile.cpus === undefined ? [] : [["Processors", String(profile.cpus)] as const]),
    ...(profile.timeoutSeconds === undefined ? [] : [["At most", toHuman(profile.timeoutSeconds * 1000)] as const]),
    ...(environment === undefined ? [] : [["Environment", environment] as const]),
  ]
}

function Callers({ usage: { callers } }: { readonly usage: Usage }) {
  if (callers.length === 0) return null
  return (
    <table className={css["runs"]}>
      <caption className="unseen">Callers within thirty days</caption>
      <tbody>
        {callers.map(({ person, by, scheduler, runs, failures, lastAt }) => (
          <tr key={`${person.id} ${by} ${scheduler}`}>
            <td>
              <Person person={person} />
            </td>
            <td>{byWords(by, scheduler)}</td>
            <td>
              {runs.toLocaleString("en-US")} {runs === 1 ? "run" : "runs"}
              {failures > 0 && `, ${failures.toLocaleString("en-US")} failed`}
            </td>
            <td>
              <Time at={lastAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Proved({ usage: { proofs } }: { readonly usage: Usage }) {
  if (proofs.length === 0) return null
  return (
    <section aria-label="Proof">
      <h2>What it was promoted with</h2>
      <table className={css["runs"]}>
        <tbody>
          {proofs.map(({ kind, name, run, verdict, said }) => (
            <tr key={`${kind} ${name}`}>
              <td>{run === null ? name : <Go href={runHref(run)}>{name}</Go>}</td>
              <td data-state={verdict}>{verdict}</td>
              <td dir="auto">{said}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
