/** Who hears of a proposal: whoever it waits for, as long as it does, and its author of what became of it. */
import type { Db } from "#database/index.ts"
import { type Actor, editorsOf, namedPerson, notify, type PersonId, settleNotices } from "#people/index.ts"
import { gatesOf, whoIsAsked } from "#template/gates.ts"
import { standOf } from "#template/look.ts"
import type { ProposalRow } from "#template/sql/proposal-row.ts"

export const askOf = (proposal: string) => `review/${proposal}`
const becameOf = (proposal: string) => `reviewed/${proposal}`

/** In the transaction that stores it. */
export async function askForReview(tx: Db, proposal: ProposalRow, at: number): Promise<void> {
  const editors = await peopleWhoEdit(tx, proposal)
  await reviewNotice(tx, proposal, { to: whoIsAsked(await standOf(tx, proposal, []), editors) as readonly PersonId[], at })
}

/** Whom it waits for as things stand, and who has not said anything of it; nobody, where no approval is missing. */
export async function askedNow(tx: Db, proposal: ProposalRow): Promise<readonly PersonId[]> {
  const stand = await standOf(tx, proposal, [])
  if (isApproved(stand)) return []
  const said = new Set(stand.reviews.flatMap(({ person, binding }) => (binding === proposal.binding ? [person.id] : [])))
  return (whoIsAsked(stand, await peopleWhoEdit(tx, proposal)) as readonly PersonId[]).filter((id) => !said.has(id))
}

async function peopleWhoEdit(tx: Db, { space, notebook }: ProposalRow) {
  return (await editorsOf(tx, { space, notebook })).filter(({ kind }) => kind === "person")
}

function isApproved(stand: Parameters<typeof gatesOf>[0]): boolean {
  return gatesOf(stand).some(({ gate, state }) => gate === "approvals" && state === "passed")
}

export async function reviewNotice(
  tx: Db,
  proposal: ProposalRow,
  { to, at }: { readonly to: readonly PersonId[]; readonly at: number },
): Promise<void> {
  const { id, space, notebook, author, message: said } = proposal
  const by = author.id as PersonId
  await notify(
    tx,
    to.map((one) => ({ kind: "review_asked", to: one, about: askOf(id), space, notebook, by, said, at })),
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
  await settleNotices(tx, [askOf(proposal.id)], actor.id)
  if (isApproved(await standOf(tx, proposal, []))) await settleNotices(tx, [askOf(proposal.id)])
}

/** They are decided, taken back, or gave way to others: nothing of them waits for anybody. */
export function settleProposals(tx: Db, proposals: readonly string[]): Promise<void> {
  return settleNotices(
    tx,
    proposals.flatMap((id) => [askOf(id), becameOf(id)]),
  )
}
