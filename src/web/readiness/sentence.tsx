import { piecesOf } from "#web/readiness/look.ts"
import css from "#web/readiness/readiness.module.css"

/** With its code set as code. */
export function Sentence({ text }: { readonly text: string }) {
  return (
    <span className={css["why"]} dir="auto">
      {piecesOf(text).map((piece, at) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one sentence stay where they are
        piece.isCode ? <code key={at}>{piece.text}</code> : <span key={at}>{piece.text}</span>,
      )}
    </span>
  )
}
