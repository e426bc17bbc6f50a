import type { PersonId, SpaceId, TokenId } from "#people/ids.ts"
import type { Scope } from "#people/roles.ts"

/** How the actor proved who it is. `session` is the digest under which the session is stored, not the cookie's value. */
export type Via =
  | { readonly kind: "session"; readonly session: string }
  | { readonly kind: "token"; readonly token: TokenId; readonly scopes: readonly Scope[]; readonly space?: SpaceId | undefined }
  | { readonly kind: "system" }

/** Who acts. `isAdmin` is for showing; whether something is allowed is asked of the database each time. */
export type Actor = { readonly id: PersonId; readonly name: string; readonly isAdmin: boolean; readonly via: Via }

/** Stet itself: reconciling, sweeping, importing its samples. Its person is a row of the first migration, so it may own things. */
export const SYSTEM: Actor = { id: "00000000000000000000000000" as PersonId, name: "Stet", isAdmin: true, via: { kind: "system" } }
