/** What opening live would do, and the yes to it: cells that write, another environment, secrets that are given again. */
import { Button, Checkbox, Modal, NativeSelect, NumberInput, PasswordInput } from "@mantine/core"
import { useMediaQuery } from "@mantine/hooks"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { useForget } from "#web/app/api.ts"
import { useGo } from "#web/app/go.tsx"
import { nameOf } from "#web/app/places.ts"
import { Problem, Wrong } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { Time } from "#web/app/time.tsx"
import { counted } from "#web/app/words.ts"
import css from "#web/run/open-live.module.css"
import { type LiveOf, type LivePlan, planOf, takesKernel, useOpenReady, writingLines } from "#web/run/open-live.ts"

type Props = {
  readonly of: LiveOf
  readonly onClose: () => void
  /** The notebook in which the run's own environment was tried, and could not be built: it gets the other one. */
  readonly into?: string
}

export function OpenLiveDialog({ of, onClose, into }: Props) {
  const withoutEnvironment = into !== undefined
  const isSmall = useMediaQuery("(max-width: 600px)") ?? false
  const [cell, setCell] = useState("")
  const plan = useQuery({
    queryKey: ["live plan", of, cell, withoutEnvironment],
    queryFn: () => planOf(of, cell, withoutEnvironment),
    placeholderData: (before) => before,
    staleTime: 0,
  })
  return (
    <Modal opened onClose={onClose} size={600} fullScreen={isSmall} title="Open live">
      {plan.data ? (
        <Asked of={of} plan={plan.data} cell={cell} onCell={setCell} onClose={onClose} error={plan.error} {...(into === undefined ? {} : { into })} />
      ) : plan.error ? (
        <Problem error={plan.error} retry={plan.refetch} />
      ) : (
        <SkeletonRows rows={4} />
      )}
    </Modal>
  )
}

// Where nothing is asked.
const BEGINS = { "data-begins": true }

type AskedProps = Props & { readonly plan: LivePlan; readonly cell: string; readonly onCell: (cell: string) => void; readonly error: unknown }

function Asked({ of, plan, cell, onCell, onClose, error: planError, into }: AskedProps) {
  const [writes, setWrites] = useState(false)
  const [otherEnvironment, setOther] = useState(false)
  const [environment, setEnvironment] = useState<string>()
  const [secrets, setSecrets] = useState<Readonly<Record<string, string>>>({})
  const [isOpening, setOpening] = useState(false)
  const [error, setError] = useState<unknown>()
  const go = useGo()
  const openReady = useOpenReady(of)
  const forget = useForget()
  const takes = takesKernel(plan, cell)
  const isAgreed =
    takes ||
    ((writes || plan.writes.length === 0) &&
      (plan.environment.is !== "gone" || (otherEnvironment && (plan.environment.instead !== null || environment !== undefined))))
  // Its kernel is not taken over: it is one of an environment that could not be built.
  const without = {
    ...(into === undefined ? {} : { withoutEnvironment: true, attach: false, into }),
    ...(environment === undefined ? {} : { environment }),
  }
  const open = async () => {
    setOpening(true)
    setError(undefined)
    try {
      const there = await openReady({ cell, answers: { writes, otherEnvironment, secrets, ...without } })
      onClose()
      go(there)
      await forget()
    } catch (thrown) {
      setError(thrown)
      setOpening(false)
    }
  }
  return (
    <form
      className={css["form"]}
      onSubmit={(event) => {
        event.preventDefault()
        void open()
      }}
    >
      <What of={of} plan={plan} takes={takes} isAgain={into !== undefined} />
      <Until plan={plan} cell={cell} onCell={onCell} />
      {!takes && <Writes plan={plan} isAgreed={writes} onAgree={setWrites} />}
      {!takes && <Environment plan={plan} isAgreed={otherEnvironment} onAgree={setOther} chosen={environment} onChoose={setEnvironment} />}
      {plan.secretNames.map((name) => (
        <PasswordInput
          key={name}
          label={name}
          description={takes ? "It was taken out of the kernel; without it the name is not defined." : "It was deleted when the run ended."}
          required={!takes}
          autoComplete="off"
          value={secrets[name] ?? ""}
          onChange={(event) => setSecrets({ ...secrets, [name]: event.currentTarget.value })}
        />
      ))}
      <Wrong error={error ?? planError} />
      <div className={css["foot"]}>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="filled" loading={isOpening} disabled={!isAgreed} {...(plan.secretNames.length === 0 ? BEGINS : {})}>
          Open live
        </Button>
      </div>
    </form>
  )
}

type WhatProps = { readonly of: LiveOf; readonly plan: LivePlan; readonly takes: boolean; readonly isAgain: boolean }

function What({ of, plan, takes, isAgain }: WhatProps) {
  const { until, replays, kernel } = plan
  const copy = <bdi className={css["name"]}>{nameOf(of.path).replace(/\.ipynb$/u, "")} live</bdi>
  if (takes && kernel)
    return (
      <p>
        The run left its kernel, which ends <Time at={kernel.until} />. It is taken over as it stands, into a notebook beside this one: {copy}.
      </p>
    )
  return (
    <p>
      {isAgain ? "A notebook in place of this one" : "A notebook beside this one"}, {copy}, gets{" "}
      {of.kind === "run" ? "this run’s source, parameters and files" : "this version’s source and files"}, and a fresh kernel in which{" "}
      {counted(replays, "cell")} {replays === 1 ? "is" : "are"} run again
      {until ? `, up to just before cell ${until.index + 1}` : ""}.
    </p>
  )
}

function Until({ plan, cell, onCell }: Pick<AskedProps, "plan" | "cell" | "onCell">) {
  return (
    <details className={css["until"]} open={cell !== ""}>
      <summary>Stop at another cell</summary>
      <NumberInput
        label="Stop before cell"
        description="Counted from 1, with Markdown cells. Empty: where the run failed, else at the end."
        placeholder={plan.until ? String(plan.until.index + 1) : "the end"}
        min={1}
        allowDecimal={false}
        value={cell === "" ? "" : Number(cell)}
        onChange={(value) => onCell(value === "" ? "" : String(value))}
      />
    </details>
  )
}

type Agreeing = { readonly plan: Pick<LivePlan, "writes" | "environment">; readonly isAgreed: boolean; readonly onAgree: (yes: boolean) => void }

function Writes({ plan: { writes }, isAgreed, onAgree }: Agreeing) {
  if (writes.length === 0) return null
  const lines = writingLines(writes)
  return (
    <section className={css["asked"]} aria-label="Cells that write">
      <h3>These cells do more than compute, and are run again</h3>
      <ul>
        {lines.map(({ key, index, what, does }) => (
          <li key={key}>
            <b>Cell {index + 1}</b> {does}: <code>{what}</code>
          </li>
        ))}
      </ul>
      <Checkbox
        label={lines.length === 1 ? "Yes, run it again" : "Yes, run them again"}
        checked={isAgreed}
        onChange={(event) => onAgree(event.currentTarget.checked)}
      />
    </section>
  )
}

type Choosing = Agreeing & { readonly chosen: string | undefined; readonly onChoose: (environment: string | undefined) => void }

/** What could be taken instead of an environment that is gone, each with what it differs in; it needs a yes. */
export function Environment({ plan: { environment }, isAgreed, onAgree, chosen, onChoose }: Choosing) {
  const { is, why, instead, name, others } = environment
  if (is === "to_build") return <p className={css["quiet"]}>Its environment {name} is built again first, which can take some minutes.</p>
  if (is !== "gone") return null
  const choice = others.find((other) => other.environment === chosen) ?? instead
  return (
    <section className={css["asked"]} aria-label="Environment">
      <h3>Its environment cannot be had any more</h3>
      <p>
        {why} {instead === null && others.length === 0 && "The notebook has no other either."}
      </p>
      {others.length > 0 && (
        <NativeSelect
          label="Open it in"
          value={chosen ?? ""}
          onChange={(event) => {
            onChoose(event.currentTarget.value || undefined)
            // What was agreed to was the other one.
            onAgree(false)
          }}
          data={[
            ...(instead ? [{ value: "", label: `${instead.name}, which the notebook asks for` }] : [{ value: "", label: "Choose one…" }]),
            ...others.map((other) => ({ value: other.environment, label: `${other.name} (${other.environment.slice(0, 8)})` })),
          ]}
        />
      )}
      {choice && (
        <>
          <p>{choice.differences.length > 0 ? `${choice.name} differs in:` : `It would open in ${choice.name}; nothing is known to differ.`}</p>
          <Differing differences={choice.differences} />
          <Checkbox label="Yes, open it in that one" checked={isAgreed} onChange={(event) => onAgree(event.currentTarget.checked)} />
        </>
      )}
    </section>
  )
}

const MOST_TOLD = 40

function Differing({ differences }: { readonly differences: readonly string[] }) {
  if (differences.length === 0) return null
  return (
    <ul className={css["differing"]}>
      {differences.slice(0, MOST_TOLD).map((difference) => (
        <li key={difference}>{difference}</li>
      ))}
      {differences.length > MOST_TOLD && <li>and {differences.length - MOST_TOLD} more</li>}
    </ul>
  )
}
