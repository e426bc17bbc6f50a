import type { Complete } from "#web/notebook/completion.ts"
import { wordsIn } from "#web/notebook/completion.ts"
import type { OpenNotebook } from "#web/notebook/open-notebook.ts"

/** A kernel answers within a blink, but for the first time, when it fetches what it completes with. */
const PATIENCE_MS = 6_000
const PATIENCE_ASKED_MS = 10_000

export function completeIn(notebook: OpenNotebook): Complete {
  let words: readonly string[] | undefined
  notebook.texts.watchAll(() => {
    words = undefined
  })
  return {
    words: () => {
      words ??= wordsIn(notebook.draft.cells().map((cell) => cell.text))
      return words
    },
    ask: async (code, cursor, isAsked) => {
      const { session, you } = notebook.state.get()
      if (!session || !you?.mayRun) return undefined
      // A busy kernel answers when the cell is done, unless it can be asked beside that.
      const canAnswer = session.state === "idle" || (session.state === "busy" && session.features.includes("subshells"))
      if (!canAnswer) return undefined
      const late = new Promise<undefined>((resolve) => setTimeout(resolve, isAsked ? PATIENCE_ASKED_MS : PATIENCE_MS))
      const answer = await Promise.race([notebook.live.ask({ do: "complete", code, cursor }), late])
      return answer?.ok ? answer.value : undefined
    },
  }
}
