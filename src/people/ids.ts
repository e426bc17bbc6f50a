import type { Id } from "#base/id.ts"

export type PersonId = Id<"Person">
export type GroupId = Id<"Group">
export type SpaceId = Id<"Space">
export type NotebookId = Id<"Notebook">
export type GrantId = Id<"Grant">
export type TokenId = Id<"Token">
export type InviteId = Id<"Invite">
export type ConsentId = Id<"Consent">
