/** What can be done with a proposal by those who may: say something of it, promote it, agree that it runs in one's name. */
import { Button, Textarea } from "@mantine/core"
import { useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useForget } from "#web/app/api.ts"
import { useGo } from "#web/app/go.tsx"
import { useMe } from "#web/app/me.ts"
import { templateHref } from "#web/app/places.ts"
import { toast, toastError } from "#web/app/toast.tsx"
import css from "#web/templates/templates.module.css"

type Proposal = Answered<"getProposal">

export function Decide({ proposal }: { readonly proposal: Proposal }) {
  const { id, author, binding, gates, template, codeOwners } = proposal
  const { person } = useMe()
  const forget = useForget()
  const go = useGo()
  const [text, setText] = useState("")
  const [doing, setDoing] = useState("")
  const act = async (what: string, does: () => Promise<unknown>) => {
    setDoing(what)
    await does().catch(toastError)
    setDoing("")
    await forget()
  }
  const review = (verdict: "approve" | "request_changes") =>
    act(verdict, () => api.call("reviewProposal", { params: { proposal: id }, body: { verdict, text, binding } }).then(() => setText("")))
  const promote = () =>
    act("promote", async () => {
      await api.call("promote", { params: { proposal: id } })
      toast(`${template.name} stands for this version now.`)
      go(templateHref(template.name))
    })
  const isMine = author.id === person.id
  const asks = codeOwners.filter(({ isYou, is }) => isYou && is === "waiting")
  const isApproved = gates.some(({ gate, state }) => gate === "approvals" && state === "passed")
  const isReady = gates.every(({ state }) => state === "passed")
  return (
    <section className={css["decide"]} aria-label="Decide">
      {!isMine && asks.length > 0 && (
        <p>
          Your approval is asked for: you{" "}
          {asks.every(({ kind }) => kind === "person") ? "are a code owner" : `are of ${asks.map(({ name }) => name).join(", ")}`}.
        </p>
      )}
      <Textarea label="What you have to say" value={text} autosize minRows={2} onChange={(event) => setText(event.currentTarget.value)} />
      <div className={css["buttons"]}>
        {!isMine && (
          <Button variant={isApproved ? "default" : "filled"} loading={doing === "approve"} onClick={() => review("approve")}>
            Approve
          </Button>
        )}
        <Button loading={doing === "request_changes"} onClick={() => review("request_changes")}>
          Ask for changes
        </Button>
        <Button
          loading={doing === "withdraw"}
          variant="subtle"
          onClick={() => act("withdraw", () => api.call("withdrawProposal", { params: { proposal: id } }))}
        >
          Withdraw
        </Button>
        <Button variant={isReady ? "filled" : "default"} disabled={!isReady} loading={doing === "promote"} onClick={promote}>
          Promote
        </Button>
      </div>
      {isMine && !isApproved && <p className={css["quiet"]}>You proposed this, so somebody else approves it.</p>}
    </section>
  )
}

/** In whose name it is to run, if not in that of whoever asks; the button is for who can agree to that. */
export function Consent({ proposal: { id, binding, runsAs, mayConsent, state } }: { readonly proposal: Proposal }) {
  const forget = useForget()
  const [isSending, setSending] = useState(false)
  if (!runsAs) return null
  const agree = async () => {
    setSending(true)
    await api.call("consentToProposal", { params: { proposal: id }, body: { binding } }).catch(toastError)
    setSending(false)
    await forget()
  }
  const canAgree = mayConsent && !runsAs.agreed && (state === "open" || state === "promoted")
  return (
    <section className={css["consent"]} aria-label="In whose name">
      <p>
        It is to run in the name of <b dir="auto">{runsAs.person.name}</b>, whoever asks for it
        {runsAs.agreed ? ", which is agreed." : ". That has to be agreed first."}
      </p>
      {canAgree && (
        <>
          <p className={css["quiet"]}>
            You agree to exactly this version and its parameters. Another version asks you again, and you can take it back on the template's page.
          </p>
          <Button variant="filled" loading={isSending} onClick={agree}>
            Agree
          </Button>
        </>
      )}
    </section>
  )
}
