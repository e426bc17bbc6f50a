/** Outputs are cleared by the server, which alone says what cells show; it remembers what that was, so that it can be taken back. */
import { counted } from "#web/app/words.ts"
import type { Desk } from "#web/notebook/desk-type.ts"
import { executionOf } from "#web/notebook/live-state.ts"

export async function clearOutputs({ notebook, say }: Desk, ids: readonly string[]): Promise<void> {
  const { structure, state, live } = notebook
  const { cells } = structure.get()
  const known = state.get()
  // What runs is about to show something: it is left alone.
  const shown = ids.filter((id) => (cells.get(id)?.shows ?? "") !== "" && executionOf(known, id)?.state !== "running")
  if (shown.length === 0) return
  const answer = await live.ask({ do: "clear", cells: shown })
  if (!answer.ok) return say({ text: `${answer.refusal.message} ${answer.refusal.remedy}`.trim(), kind: "failed" })
  const { cleared } = answer.value
  if (cleared === 0) return
  say({
    text: shown.length === 1 ? "The output is cleared." : `The outputs of ${counted(shown.length, "cell")} are cleared.`,
    undo: () => live.ask({ do: "unclear", cleared }),
  })
}
