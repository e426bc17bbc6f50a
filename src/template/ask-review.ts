/** Who hears of a proposal: whoever it waits for, as long as it does, and its author of what became of it. */
import type { Db } from "#database/index.ts"
import { type Actor, editorsOf, namedPerson, notify, type PersonId, settleNotices } from "#people/index.ts"
import { gatesOf, whoIsAsked } from "#template/gates.ts"
import { standOf } from "#template/look.ts"
import type { ProposalRow } from "#template/sql/proposal-row.ts"

const askedOf = (proposal: string) => `review/${proposal}`
const becameOf = (proposal: string) => `reviewed/${proposal}`

/** In the transaction that stores it. */
export async function askForReview(tx: Db, proposal: ProposalRow, at: number): Promise<void> {
  const { id, space, notebook, author, message: said } = proposal
  const editors = (await editorsOf(tx, { space, notebook })).filter(({ kind }) => kind === "person")
  const asked = whoIsAsked(await standOf(tx, proposal, []), editors) as readonly PersonId[]
  const by = author.id as PersonId
  await notify(
    tx,
    asked.map((to) => ({ kind: "review_asked", to, about: askedOf(id), space, notebook, by, said, at })),
  )
}

export type Happened = { readonly kind: "changes_asked" | "approved" | "promoted"; readonly said: string; readonly at: number }

/** In the transaction in which the actor does it; of what they do to a proposal of their own they need no word. */
export async function tellAuthor(tx: Db, actor: Actor, proposal: ProposalRow, { kind, said, at }: Happened): Promise<void> {
  const { id, space, notebook, author } = proposal
  const to = ((await namedPerson(tx, author.id))?.owner ?? author.id) as PersonId
  if (to !== actor.id) await notify(tx, [{ kind, to, about: becameOf(id), space, notebook, by: actor.id, said, at }])
}

/** Whoever has said something is not waited for any more; nobody is, when no approval is missing. */
export async function settleReviews(tx: Db, actor: Actor, proposal: ProposalRow): Promise<void> {
  await settleNotices(tx, [askedOf(proposal.id)], actor.id)
  const isThrough = gatesOf(await standOf(tx, proposal, [])).some(({ gate, state }) => gate === "approvals" && state === "passed")
  if (isThrough) await settleNotices(tx, [askedOf(proposal.id)])
}

/** They are decided, taken back, or gave way to others: nothing of them waits for anybody. */
export function settleProposals(tx: Db, proposals: readonly string[]): Promise<void> {
  return settleNotices(
    tx,
    proposals.flatMap((id) => [askedOf(id), becameOf(id)]),
  )
}
