/** Comments on cells: what is said, in threads, and who is told of it. */
import type { NotebookId, PersonId } from "#people/index.ts"

/** Times in milliseconds since 1970. */
export type CommentRow = {
  readonly id: string
  readonly notebook: NotebookId
  readonly thread: string
  readonly cell: string
  readonly author: { readonly id: PersonId; readonly name: string }
  /** Markdown; "" when it was deleted. */
  readonly text: string
  readonly createdAt: number
  readonly editedAt: number | null
  readonly resolvedAt: number | null
  readonly resolvedBy: { readonly id: PersonId; readonly name: string } | null
  readonly deletedAt: number | null
}

/** Everybody who has a part in it but whoever speaks: those who are named, those who spoke before, and the notebook's owner. */
export function toldOf(spoken: {
  readonly author: PersonId
  readonly mentions: readonly PersonId[]
  readonly before: readonly PersonId[]
  readonly owner: PersonId
}): readonly { readonly to: PersonId; readonly kind: "mention" | "reply" }[] {
  const named = new Set(spoken.mentions)
  const others = new Set([...named, ...spoken.before, spoken.owner])
  others.delete(spoken.author)
  return [...others].map((to) => ({ to, kind: named.has(to) ? "mention" : "reply" }))
}
