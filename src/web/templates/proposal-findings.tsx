/** What was found in the source of a proposal, and what was let stand, by whom and why. */
import { Button, TextInput } from "@mantine/core"
import { type FormEvent, useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useForget } from "#web/app/api.ts"
import { Person } from "#web/app/person.tsx"
import { Time } from "#web/app/time.tsx"
import { toastError } from "#web/app/toast.tsx"
import { Sentence } from "#web/readiness/sentence.tsx"
import css from "#web/templates/templates.module.css"

type Proposal = Answered<"getProposal">
type Finding = Proposal["findings"][number]

export function ProposalFindings({ proposal }: { readonly proposal: Proposal }) {
  const { findings, state, mayEdit } = proposal
  if (findings.length === 0) return null
  const stand = findings.filter(({ letStand }) => letStand !== null).length
  const head = `${findings.length === 1 ? "One finding" : `${findings.length} findings`} in its source`
  return (
    <details className={css["findings"]}>
      <summary>{stand === 0 ? head : `${head}, ${stand} let stand`}</summary>
      <ul>
        {findings.map((finding) => (
          <li key={`${finding.id} ${finding.line}`} data-stands={finding.letStand !== null || undefined}>
            <span className={css["quiet"]}>{finding.blocks ? "blocks" : finding.kind === "breaks" ? "breaks a rerun" : "advice"}</span>{" "}
            <Sentence text={finding.why} />
            {finding.letStand && <Reason letStand={finding.letStand} />}
            {state === "open" && mayEdit && !finding.blocks && <Dismissal proposal={proposal.id} finding={finding} />}
          </li>
        ))}
      </ul>
    </details>
  )
}

function Reason({ letStand: { said, by, at } }: { readonly letStand: NonNullable<Finding["letStand"]> }) {
  return (
    <p className={css["reason"]} dir="auto">
      {said}{" "}
      <span className={css["quiet"]}>
        {by ? (
          <>
            <Person person={by} />, <Time at={at} />
          </>
        ) : (
          "as the notebook itself says"
        )}
      </span>
    </p>
  )
}

function Dismissal({ proposal, finding }: { readonly proposal: string; readonly finding: Finding }) {
  const forget = useForget()
  const [isOpen, open] = useState(false)
  const [text, setText] = useState("")
  const params = { proposal, finding: finding.id }
  const act = async (does: () => Promise<unknown>) => {
    await does().then(() => open(false), toastError)
    await forget()
  }
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (text.trim() !== "") void act(() => api.call("dismissFinding", { params, body: { text } }))
  }
  if (finding.letStand?.by) {
    return (
      <button type="button" className={css["let"]} onClick={() => void act(() => api.call("takeUpFinding", { params }))}>
        Take it up again
      </button>
    )
  }
  if (!isOpen) {
    return (
      <button type="button" className={css["let"]} onClick={() => open(true)}>
        Let it stand…
      </button>
    )
  }
  return (
    <form className={css["dismissal"]} onSubmit={send}>
      <TextInput size="xs" label="Why may it stand?" value={text} maxLength={2000} onChange={(event) => setText(event.currentTarget.value)} />
      <Button size="compact-sm" type="submit" variant="filled" disabled={text.trim() === ""}>
        Let it stand
      </Button>
    </form>
  )
}
