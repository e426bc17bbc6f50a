/** For who reviews: what is other than in the version that is approved now, in code, parameters, environment and outputs; and what is said of its cells. */
import type { Answered } from "#api/contract.ts"
import { isObject, type Json, own, write } from "#base/json.ts"
import { useApi } from "#web/app/api.ts"
import { Go } from "#web/app/go.tsx"
import { Person } from "#web/app/person.tsx"
import { commentsHref, notebookHref, runHref } from "#web/app/places.ts"
import { OutputsBetween } from "#web/templates/shown-again.tsx"
import css from "#web/templates/templates.module.css"
import { Compared } from "#web/versions/version-sheet.tsx"

type Proposal = Answered<"getProposal">

/** Nothing for the first version, which has nothing to be compared with. */
export function WhatChanged({ proposal }: { readonly proposal: Proposal }) {
  const { template, version, notebook, parameters, checks } = proposal
  const { approved, approvedRun, approvedEnvironment } = template
  const rerun = checks.find(({ kind }) => kind === "rerun")
  const before = useApi("getVersion", { params: { notebook, version: approved ?? 0 } }, { enabled: approved !== null })
  if (approved === null || approved === version) return null
  const changed = parameterChanges(before.data?.parameters as Json | undefined, parameters as Json)
  // What two fresh kernels showed tells more than what happened to be stored: then that waits to be asked for.
  const [proof, approvedProof] = rerun?.verdict === "passed" ? [rerun.run, approvedRun] : [null, null]
  const isOtherEnvironment = rerun?.environment && approvedEnvironment && rerun.environment !== approvedEnvironment
  return (
    <section className={css["changes"]} aria-label="What changed">
      <h2>What changed since version {approved}</h2>
      {changed.length > 0 && (
        <ul className={css["parameters"]} aria-label="Parameters">
          {changed.map((said) => (
            <li key={said}>{said}</li>
          ))}
        </ul>
      )}
      {isOtherEnvironment && (
        <p>
          It was proven in another environment: <code>{approvedEnvironment.slice(0, 8)}</code> then, <code>{rerun.environment?.slice(0, 8)}</code>{" "}
          now.
        </p>
      )}
      {rerun?.run && approvedRun && rerun.verdict !== "pending" && (
        <p>
          <Go href={`${runHref(rerun.run)}?view=changes&against=${approvedRun}`}>Compare its run with that of version {approved}</Go>
        </p>
      )}
      <details open>
        <summary>Cells</summary>
        <Compared notebook={notebook} number={version} against={approved} showsOutputs={proof === null || approvedProof === null} />
      </details>
      {proof !== null && approvedProof !== null && <RerunOutputs run={proof} approvedRun={approvedProof} approved={approved} />}
    </section>
  )
}

type Reruns = { readonly run: string; readonly approvedRun: string; readonly approved: number }

/** What the two showed that proved either version from a fresh kernel, whatever was stored. */
function RerunOutputs({ run, approvedRun, approved }: Reruns) {
  const { data } = useApi("getRun", { params: { run: approvedRun } })
  if (!data) return null
  const before = { kind: "result", run: approvedRun, attempt: data.attempt } as const
  return <OutputsBetween before={before} run={run} title={`Outputs of its fresh rerun, and of that of version ${approved}`} isOpen />
}

/** A sentence for each that callers notice. */
export function parameterChanges(before: Json | undefined, after: Json): readonly string[] {
  if (before === undefined) return []
  const [was, is] = [propertiesOf(before), propertiesOf(after)]
  const required = new Set(requiredOf(after))
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])]
  return names.flatMap((name) => {
    const [old, now] = [own(was, name), own(is, name)]
    if (now === undefined) return [`The parameter ${name} is gone: who gives it is refused.`]
    if (old === undefined) return [`The parameter ${name} is new${required.has(name) ? ", and has to be given" : ""}.`]
    return write(old) === write(now) && required.has(name) === requiredOf(before).includes(name)
      ? []
      : [`The parameter ${name} is declared in another way.`]
  })
}

function propertiesOf(schema: Json) {
  const found = isObject(schema) ? own(schema, "properties") : undefined
  return isObject(found) ? found : {}
}

function requiredOf(schema: Json): readonly string[] {
  const found = isObject(schema) ? own(schema, "required") : undefined
  return Array.isArray(found) ? found.map(String) : []
}

/** Those that are not settled, with the way to their cells. */
export function CellComments({ notebook }: { readonly notebook: string }) {
  const { data } = useApi("listComments", { params: { notebook } })
  const open = (data?.items ?? []).filter(({ id, thread, resolvedAt }) => id === thread && resolvedAt === null)
  return (
    <section aria-label="Comments on cells">
      <h2>Comments on cells</h2>
      {open.length === 0 ? (
        <p className={css["quiet"]}>
          None is open. <Go href={commentsHref(notebook)}>Comment on a cell</Go> in the notebook.
        </p>
      ) : (
        <ul className={css["reviews"]}>
          {open.map(({ id, cell, author, text }) => (
            <li key={id}>
              <Go href={notebookHref(notebook, cell)}>
                <Person person={author} />
              </Go>{" "}
              <span dir="auto">{text.slice(0, 200)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
