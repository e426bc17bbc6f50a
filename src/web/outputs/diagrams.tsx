/** Diagrams that stand as text in Markdown, drawn in a frame at the places that were left for them. */
import { type ReactNode, useId } from "react"
import { createPortal } from "react-dom"
import { ActiveOutput } from "#web/outputs/stage/active-output.tsx"
import { hashOf } from "#web/outputs/stage/heights.ts"
import { TextOutput } from "#web/outputs/text-output.tsx"

export type Diagram = { readonly place: HTMLElement; readonly text: string }

export function Diagrams({ diagrams }: { readonly diagrams: readonly Diagram[] }): ReactNode {
  const id = useId()
  return diagrams.map(({ place, text }, index) => {
    const hash = hashOf(text)
    const name = `diagram:${id}:${index}:${hash}`
    const fallback = <TextOutput text={text} label="Diagram" />
    return createPortal(
      <ActiveOutput id={name} cell={name} hash={`diagram ${hash}`} show={{ renderer: "mermaid", text }} fallback={fallback} />,
      place,
      name,
    )
  })
}
