/** One line of terminal text, coloured. */
import type { ReactNode } from "react"
import styles from "#web/outputs/outputs.module.css"
import { LONGEST_LINE, type Piece, piecesOf, type TerminalLine } from "#web/outputs/terminal.ts"

/** One line and its end. */
export function Line({ line }: { readonly line: TerminalLine }): ReactNode {
  const beyond = line.text.length - LONGEST_LINE
  return (
    <span className={styles["line"]}>
      {piecesOf(line).map((piece, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no identity but their place
        <Coloured key={index} piece={piece} />
      ))}
      {beyond > 0 && <span className={styles["aside"]}> … {beyond.toLocaleString("en")} more characters in this line</span>}
      {"\n"}
    </span>
  )
}

function Coloured({ piece }: { readonly piece: Piece }): ReactNode {
  const { text, names, fore, back } = piece
  if (names.length === 0 && !fore && !back) return text
  const style = { ...(fore ? { color: `rgb(${fore})` } : {}), ...(back ? { backgroundColor: `rgb(${back})` } : {}) }
  return (
    <span className={names.map((name) => styles[`a-${name}`] ?? "").join(" ")} style={style}>
      {text}
    </span>
  )
}
