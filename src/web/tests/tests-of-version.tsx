/** What the test cases of a notebook came to on one of its versions, and running them again. */
import { Button } from "@mantine/core"
import { useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useApi, useForget } from "#web/app/api.ts"
import { Go } from "#web/app/go.tsx"
import { runHref } from "#web/app/places.ts"
import { StateBadge } from "#web/app/state-badge.tsx"
import { Time } from "#web/app/time.tsx"
import { toastError } from "#web/app/toast.tsx"
import { counted } from "#web/app/words.ts"
import { Coverage } from "#web/tests/coverage.tsx"
import css from "#web/tests/tests.module.css"
import { WritesAgain, type Writing, writesAgainIn } from "#web/tests/writes-again.tsx"

type TestRun = Answered<"listTestRuns">["items"][number]
type Case = TestRun["cases"][number]

type Template = Pick<Answered<"getTemplate">, "id" | "name" | "environments">
type Props = {
  readonly notebook: string
  readonly version: number
  readonly mayEdit: boolean
  /** That stands for this version: its own test cases run, where it was proven. */
  readonly template?: Template | undefined
}

const LOOK_MS = 1500
/** A new version is tested a few seconds after it came. */
const IDLE_MS = 10_000
/** As runs of the same ending look. */
const BADGES: Readonly<Record<Case["verdict"], string>> = { pending: "running", passed: "succeeded", failed: "failed", left: "not_run" }

/** Nothing for those who may not see the notebook's code, and where there is nothing to test. */
export function TestsOfVersion({ notebook, version, mayEdit, template }: Props) {
  const [isAsking, setAsking] = useState(false)
  const [writings, setWritings] = useState<readonly Writing[]>()
  const cases = useApi("listTests", { params: { notebook } }).data?.items ?? []
  const [isPending, setPending] = useState(false)
  const { data } = useApi("listTestRuns", { params: { notebook }, query: { version, limit: 20 } }, { everyMs: isPending ? LOOK_MS : IDLE_MS })
  const forget = useForget()
  const runs = data?.items.filter((one) => !template || one.template === null || one.template === template.id)
  const run = runs?.find(({ state }) => state === "waiting") ?? runs?.[0]
  const isTested = cases.length > 0 || (template?.environments.tested ?? null) !== null
  if ((run?.state === "pending") !== isPending) setPending(run?.state === "pending")
  if (!data || (!run && (!isTested || !mayEdit))) return null
  const ask = (mayWrite: boolean) => {
    setAsking(true)
    setWritings(undefined)
    return api
      .call("testVersion", { params: { notebook }, body: { ...(template ? { template: template.name } : { version }), mayWrite } })
      .then(forget, (thrown: unknown) => {
        const again = writesAgainIn(thrown)
        if (again) setWritings(again)
        else toastError(thrown)
      })
      .finally(() => setAsking(false))
  }
  return (
    <section className={css["tests"]} aria-label="Tests">
      <div className={css["head"]}>
        <h2>Tests</h2>
        {run && <Outcome run={run} template={template} />}
        {template && !run && (
          <span className={css["quiet"]}>
            not run since it was promoted; they run <In environment={template.environments.proven} template={template} />
          </span>
        )}
        {mayEdit && isTested && run?.state !== "waiting" && (
          <Button onClick={() => void ask(false)} loading={isAsking} disabled={isPending}>
            {run
              ? "Run them again"
              : template
                ? "Run its test cases"
                : `Run ${cases.length === 1 ? "its test case" : `its ${cases.length} test cases`}`}
          </Button>
        )}
      </div>
      {writings && (
        <>
          <WritesAgain writings={writings} times="with each test case that does not replace the cell" />
          <div>
            <Button onClick={() => void ask(true)} loading={isAsking}>
              Run them all the same
            </Button>
          </div>
        </>
      )}
      {run?.state === "waiting" && <Waiting key={run.id} run={run} mayEdit={mayEdit} />}
      {run && run.state !== "waiting" && (
        <ul>
          {run.cases.map((one) => (
            <One key={one.name} one={one} />
          ))}
        </ul>
      )}
      {run && (run.state === "passed" || run.state === "failed") && <Coverage testRun={run.id} />}
    </section>
  )
}

/** Nothing of it runs until somebody who may run tests has answered. */
function Waiting({ run: { id, waitsFor }, mayEdit }: { readonly run: TestRun; readonly mayEdit: boolean }) {
  const [isAnswering, setAnswering] = useState(false)
  const forget = useForget()
  const answer = (said: "yes" | "leave") => {
    setAnswering(true)
    void api
      .call("answerTestRun", { params: { testRun: id }, body: { answer: said } })
      .then(forget, toastError)
      .finally(() => setAnswering(false))
  }
  return (
    <>
      <WritesAgain writings={waitsFor ?? []} times="with each test case that does not replace the cell" />
      {mayEdit ? (
        <>
          <div className={css["buttons"]}>
            <Button onClick={() => answer("yes")} loading={isAnswering}>
              Let them run
            </Button>
            <Button variant="subtle" onClick={() => answer("leave")} disabled={isAnswering}>
              Leave them
            </Button>
          </div>
          <p className={css["quiet"]}>
            A yes counts again whenever tests that nobody asks for would do the same, until a cell or a test case of it is changed.
          </p>
        </>
      ) : (
        <p className={css["quiet"]}>Somebody who may edit the notebook has to say yes first.</p>
      )}
    </>
  )
}

const BECAUSE: Readonly<Record<TestRun["because"], string>> = {
  asked: "",
  version: ", because it was new",
  environment: ", because its environment had changed",
}

type Shown = { readonly run: TestRun; readonly template: Template | undefined }

const UNRUN: Partial<Record<TestRun["state"], string>> = { waiting: "waiting for a yes", left: "left, and not run" }

function Outcome({ run: { cases, because, createdAt, state }, template }: Shown) {
  const failed = cases.filter(({ verdict }) => verdict === "failed").length
  const [ranIn, another] = [...new Set(cases.flatMap(({ environment }) => environment ?? []))]
  const pending = cases.filter(({ verdict }) => verdict === "pending").length
  const words =
    UNRUN[state] ??
    (pending > 0 ? `${counted(pending, "test")} of ${cases.length} still to end` : failed > 0 ? `${failed} of ${cases.length} failed` : "all passed")
  return (
    <span className={css["quiet"]}>
      {words}, <Time at={createdAt} />
      {BECAUSE[because]}
      {ranIn !== undefined && another === undefined && (
        <>
          , <In environment={ranIn} template={template} />
        </>
      )}
    </span>
  )
}

type Where = { readonly environment: string | null; readonly template: Template | undefined }

/** The environment, and how that is to the one that the template was promoted in. */
function In({ environment, template }: Where) {
  if (environment === null) return <>in the environment that it was promoted in</>
  const { proven = null, names = {} } = template?.environments ?? {}
  const called = (sha256: string) => (
    <>
      {names[sha256] !== undefined && `${names[sha256]} `}
      <code>{sha256.slice(0, 8)}</code>
    </>
  )
  return (
    <>
      in {called(environment)}
      {proven === environment && ", which it was promoted in"}
      {proven !== null && proven !== environment && <>, and not in {called(proven)}, which it was promoted in</>}
    </>
  )
}

function One({ one: { name, verdict, said, run, mocks, weaknesses } }: { readonly one: Case }) {
  const badge = <StateBadge state={BADGES[verdict]} />
  return (
    <li>
      {run === null ? badge : <Go href={runHref(run)}>{badge}</Go>}
      <span className={css["what"]}>
        <bdi>{name}</bdi>
        {mocks.length > 0 && <span className={css["quiet"]}> without {mocks.map((cell) => `“${cell}”`).join(", ")}</span>}
        {said !== "" && <span className={css["said"]}>{said}</span>}
        {weaknesses.map((weak) => (
          <span key={weak} className={css["warning"]}>
            {weak}
          </span>
        ))}
      </span>
    </li>
  )
}
