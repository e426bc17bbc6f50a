import type { NotebookId, SpaceId } from "#people/ids.ts"

/** From least to most: each role may do everything that the ones before it may. */
export const ROLES = ["viewer", "commenter", "runner", "editor", "admin"] as const
export type Role = (typeof ROLES)[number]

/** What one wants to do with a space or a notebook. `read_hidden_code`: see the code of a notebook that shows it only to those who write it. */
export const ACTIONS = ["read", "comment", "run", "edit", "administer", "read_hidden_code"] as const
export type Action = (typeof ACTIONS)[number]

/** The least that may. */
const LEAST: Record<Action, Role> = {
  read: "viewer",
  comment: "commenter",
  run: "runner",
  edit: "editor",
  administer: "admin",
  read_hidden_code: "editor",
}

/** What a token may be used for, whatever its person may do. */
export const SCOPES = ["read", "run", "edit", "admin"] as const
export type Scope = (typeof SCOPES)[number]

/** A notebook in its space, or the space itself. */
export type Thing = { readonly space: SpaceId; readonly notebook?: NotebookId }

/** The roles that may do it, from least to most. */
export function rolesFor(action: Action): readonly Role[] {
  return ROLES.slice(ROLES.indexOf(LEAST[action]))
}

export function roleAllows(role: Role, action: Action): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(LEAST[action])
}
