/** One line of terminal text, coloured. */
import type { CSSProperties, ReactNode } from "react"
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
  // Over a background of its own a colour is what it is; over that of the page it has to be legible.
  const isFree = fore !== undefined && !back && !names.some((name) => name.startsWith("on-") || name === "reverse")
  const colour = isFree ? ({ "--fore": `rgb(${fore})` } as CSSProperties) : fore ? { color: `rgb(${fore})` } : {}
  const style = { ...colour, ...(back ? { backgroundColor: `rgb(${back})` } : {}) }
  return (
    <span className={[...names.map((name) => styles[`a-${name}`] ?? ""), isFree ? styles["fore"] : ""].join(" ").trim()} style={style}>
      {text}
    </span>
  )
}
