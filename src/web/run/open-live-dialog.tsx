/** What opening live would do, and the yes to it: cells that write, another environment, secrets that are given again. */
import { Button, Checkbox, Modal, NumberInput, PasswordInput } from "@mantine/core"
import { useMediaQuery } from "@mantine/hooks"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { useForget } from "#web/app/api.ts"
import { useGo } from "#web/app/go.tsx"
import { nameOf, notebookHref } from "#web/app/places.ts"
import { Problem, Wrong } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { Time } from "#web/app/time.tsx"
import { counted } from "#web/app/words.ts"
import css from "#web/run/open-live.module.css"
import { type LiveOf, type LivePlan, openIt, planOf, takesKernel, writingLines } from "#web/run/open-live.ts"

type Props = { readonly of: LiveOf; readonly onClose: () => void }

export function OpenLiveDialog({ of, onClose }: Props) {
  const isSmall = useMediaQuery("(max-width: 600px)") ?? false
  const [cell, setCell] = useState("")
  const plan = useQuery({ queryKey: ["live plan", of, cell], queryFn: () => planOf(of, cell), placeholderData: (before) => before, staleTime: 0 })
  return (
    <Modal opened onClose={onClose} size={600} fullScreen={isSmall} title="Open live">
      {plan.data ? (
        <Asked of={of} plan={plan.data} cell={cell} onCell={setCell} onClose={onClose} error={plan.error} />
      ) : plan.error ? (
        <Problem error={plan.error} retry={plan.refetch} />
      ) : (
        <SkeletonRows rows={4} />
      )}
    </Modal>
  )
}

type AskedProps = Props & { readonly plan: LivePlan; readonly cell: string; readonly onCell: (cell: string) => void; readonly error: unknown }

function Asked({ of, plan, cell, onCell, onClose, error: planError }: AskedProps) {
  const [writes, setWrites] = useState(false)
  const [otherEnvironment, setOther] = useState(false)
  const [secrets, setSecrets] = useState<Readonly<Record<string, string>>>({})
  const [isOpening, setOpening] = useState(false)
  const [error, setError] = useState<unknown>()
  const go = useGo()
  const forget = useForget()
  const takes = takesKernel(plan, cell)
  const isAgreed = takes || ((writes || plan.writes.length === 0) && (otherEnvironment || plan.environment.is !== "gone"))
  const open = async () => {
    setOpening(true)
    setError(undefined)
    try {
      const { notebook } = await openIt(of, { cell, answers: { writes, otherEnvironment, secrets } })
      onClose()
      go(notebookHref(notebook.id))
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
      <What of={of} plan={plan} takes={takes} />
      <Until plan={plan} cell={cell} onCell={onCell} />
      {!takes && <Writes plan={plan} isAgreed={writes} onAgree={setWrites} />}
      {!takes && <Environment plan={plan} isAgreed={otherEnvironment} onAgree={setOther} />}
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
        <Button type="submit" variant="filled" loading={isOpening} disabled={!isAgreed}>
          Open live
        </Button>
      </div>
    </form>
  )
}

function What({ of, plan, takes }: { readonly of: LiveOf; readonly plan: LivePlan; readonly takes: boolean }) {
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
      A notebook beside this one, {copy}, gets {of.kind === "run" ? "this run’s source, parameters and files" : "this version’s source and files"},
      and a fresh kernel in which {counted(replays, "cell")} {replays === 1 ? "is" : "are"} run again
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

type Agreeing = { readonly plan: LivePlan; readonly isAgreed: boolean; readonly onAgree: (yes: boolean) => void }

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

function Environment({ plan: { environment }, isAgreed, onAgree }: Agreeing) {
  const { is, why, instead, name } = environment
  if (is === "to_build") return <p className={css["quiet"]}>Its environment {name} is built again first, which can take some minutes.</p>
  if (is !== "gone") return null
  return (
    <section className={css["asked"]} aria-label="Environment">
      <h3>Its environment cannot be had any more</h3>
      <p>
        {why}{" "}
        {instead
          ? `It would open in ${instead.name}${instead.differences.length > 0 ? ", which differs in:" : "."}`
          : "The notebook has no other either."}
      </p>
      {instead && instead.differences.length > 0 && (
        <ul>
          {instead.differences.map((difference) => (
            <li key={difference}>{difference}</li>
          ))}
        </ul>
      )}
      {instead && <Checkbox label="Yes, open it in that one" checked={isAgreed} onChange={(event) => onAgree(event.currentTarget.checked)} />}
    </section>
  )
}
