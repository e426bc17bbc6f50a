/** That runs may go in somebody's name: who can agree to it, and how long it counts. Pure. */
import type { Actor } from "#people/actor.ts"
import type { ConsentId, PersonId } from "#people/ids.ts"

/** Somebody in whose name runs can go. `owner` answers for a service account. */
export type Named = {
  readonly id: PersonId
  readonly name: string
  readonly kind: "person" | "service"
  readonly owner: PersonId | null
  readonly isActive: boolean
}

export type ConsentRow = {
  readonly id: ConsentId
  readonly person: Named
  readonly givenBy: { readonly id: PersonId; readonly name: string; readonly isActive: boolean }
  /** "template/<id>" */
  readonly thing: string
  readonly binding: string
  readonly givenAt: number
  readonly revokedAt: number | null
}

/** Nobody agrees for somebody else, and no token does: it takes the person, signed in. */
export function mayConsent(actor: Actor, { id, kind, owner }: Pick<Named, "id" | "kind" | "owner">): boolean {
  return actor.via.kind === "session" && actor.id === (kind === "service" ? owner : id)
}

/** Why it does not count now, in a sentence; undefined when it does. */
export function whyNotInTheNameOf(person: Named, consent: ConsentRow | undefined): string | undefined {
  if (!person.isActive)
    return `It runs in the name of ${person.name}, who has left: somebody else has to take it over, and it has to be proposed again.`
  if (!consent) return `It runs in the name of ${person.name}, who has not agreed to that.`
  if (consent.revokedAt !== null) return `It runs in the name of ${person.name}, who does not agree to that any more.`
  const { givenBy } = consent
  if (!givenBy.isActive) return `It runs in the name of ${person.name}; ${givenBy.name}, who agreed to that, has left.`
  if (givenBy.id !== (person.kind === "service" ? person.owner : person.id))
    return `It runs in the name of ${person.name}; ${givenBy.name}, who agreed to that, does not answer for it any more.`
  return undefined
}
