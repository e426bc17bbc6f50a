/** Whose approval a proposal takes, why, and who has given it; and what was said of it. */
import { IconAlertTriangle, IconCheck, IconCircleDotted } from "@tabler/icons-react"
import type { ReactNode } from "react"
import type { Answered } from "#api/contract.ts"
import { Go } from "#web/app/go.tsx"
import { Person } from "#web/app/person.tsx"
import { Time } from "#web/app/time.tsx"
import css from "#web/templates/templates.module.css"

type Proposal = Answered<"getProposal">
type Owner = Proposal["codeOwners"][number]
type State = "passed" | "pending" | "failed"

export function Approvals({ proposal }: { readonly proposal: Proposal }) {
  const { state, reviews } = proposal
  if (state !== "open" && reviews.length === 0) return null
  return (
    <section aria-label="Approvals">
      <h2>{state === "open" ? "Who approves" : "Reviews"}</h2>
      {state === "open" && <Asked proposal={proposal} />}
      <Reviews proposal={proposal} />
    </section>
  )
}

function Asked({ proposal: { approvals, codeOwners } }: { readonly proposal: Proposal }) {
  const { needed, isUsual, by } = approvals
  if (needed === 0 && codeOwners.length === 0)
    return (
      <p className={css["quiet"]}>
        Nobody has to: {isUsual ? "nobody beside its author may edit it." : "the policy of this template asks for no approval."} The evidence then
        says <em>not reviewed</em>.
      </p>
    )
  return (
    <ul className={css["asks"]} aria-label="Whose approval it takes">
      {codeOwners.map((owner) => (
        <OwnerAsked key={owner.id} owner={owner} />
      ))}
      {needed > 0 && (
        <Ask
          state={by.length >= needed ? "passed" : "pending"}
          who={needed === 1 ? "Somebody who may edit it" : `${needed} people who may edit it`}
          why={isUsual ? "as usual, one beside its author" : `the policy of this template asks for ${needed}`}
          stands={
            by.length > 0 ? (
              <>
                {by.length >= needed ? "" : `${by.length} of ${needed}: `}approved by {names(by)}
              </>
            ) : (
              "waiting"
            )
          }
        />
      )}
    </ul>
  )
}

const STATES: Readonly<Record<Owner["is"], State>> = { approved: "passed", proposed: "passed", waiting: "pending", nobody: "failed" }

function OwnerAsked({ owner: { kind, name, of, is, by, isYou } }: { readonly owner: Owner }) {
  const place = of === "space" ? "of every template in its space" : "of this template"
  return (
    <Ask
      state={STATES[is]}
      who={
        kind === "group" ? (
          <>
            Somebody of{" "}
            <Go href="/settings/groups">
              <bdi>{name}</bdi>
            </Go>
          </>
        ) : (
          <bdi>{name}</bdi>
        )
      }
      why={`code owner ${place}`}
      stands={standsOf({ is, by, isYou })}
    />
  )
}

function standsOf({ is, by, isYou }: Pick<Owner, "is" | "by" | "isYou">): ReactNode {
  switch (is) {
    case "approved":
      return <>approved by {names(by)}</>
    case "proposed":
      return "proposed it, and so has looked at it"
    case "nobody":
      return "nobody there can: an administrator of the space has to name another code owner"
    case "waiting":
      return isYou ? "waiting for you" : "waiting"
  }
}

function names(people: Owner["by"]): string {
  return people.map(({ name }) => name).join(", ")
}

const LOOKS = { passed: IconCheck, failed: IconAlertTriangle, pending: IconCircleDotted } as const

type AskProps = { readonly state: State; readonly who: ReactNode; readonly why: string; readonly stands: ReactNode }

function Ask({ state, who, why, stands }: AskProps) {
  const Icon = LOOKS[state]
  return (
    <li data-state={state}>
      <Icon size={16} stroke={2} aria-hidden="true" />
      <span>
        <b>{who}</b> <span className={css["quiet"]}>{why}</span>
      </span>
      <span className={css["stands"]}>{stands}</span>
    </li>
  )
}

function Reviews({ proposal: { reviews } }: { readonly proposal: Proposal }) {
  if (reviews.length === 0) return null
  return (
    <ul className={css["reviews"]} aria-label="Reviews">
      {reviews.map(({ person, verdict, said, at, counts, isOfThis }) => (
        <li key={person.id}>
          <p className={css["review"]}>
            <Person person={person} mark />
            <span className={css["quiet"]}>
              {verdict === "approve" ? "approves" : "asks for changes"}, <Time at={at} />
              {!counts && " · may not edit it any more, so this does not count"}
              {counts && verdict === "approve" && !isOfThis && " · of what it was before, so this does not count"}
            </span>
          </p>
          {said !== "" && <p dir="auto">{said}</p>}
        </li>
      ))}
    </ul>
  )
}
