/** The roles, and what each may do, in words. */
import type { Answered } from "#api/contract.ts"

export type Role = Answered<"listGrants">["items"][number]["role"]

export const ROLE_CHOICES: { readonly value: Role; readonly label: string; readonly what: string }[] = [
  { value: "viewer", label: "Viewer", what: "reads notebooks, versions and results" },
  { value: "commenter", label: "Commenter", what: "reads, and comments on cells" },
  { value: "runner", label: "Runner", what: "comments, and runs with parameters" },
  { value: "editor", label: "Editor", what: "runs, and changes what is there" },
  { value: "admin", label: "Admin", what: "edits, and decides who may do what" },
]

/** "an editor", "a viewer". */
export function roleWords(role: string): string {
  return `${/^[aeiou]/u.test(role) ? "an" : "a"} ${role}`
}
