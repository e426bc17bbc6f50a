/** A text that was too long to be sent along is fetched when it comes near the reader's view. */
import { type ReactNode, useEffect, useRef, useState } from "react"
import { externalText } from "#web/outputs/external-text.ts"
import styles from "#web/outputs/outputs.module.css"

export type ExternalProps = { readonly address: string; readonly mediaType: string; readonly children: (text: string) => ReactNode }

type State = { readonly text?: string; readonly problem?: string }

export function External({ address, mediaType, children }: ExternalProps): ReactNode {
  const place = useRef<HTMLDivElement>(null)
  const [near, setNear] = useState(false)
  const [state, setState] = useState<State>({})
  useEffect(() => {
    const seen = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && setNear(true), { rootMargin: "800px" })
    if (place.current) seen.observe(place.current)
    return () => seen.disconnect()
  }, [])
  useEffect(() => {
    if (!near) return
    const stop = new AbortController()
    externalText(address, mediaType, stop.signal).then(
      (text) => setState({ text }),
      (error: unknown) => !stop.signal.aborted && setState({ problem: error instanceof Error ? error.message : String(error) }),
    )
    return () => stop.abort()
  }, [near, address, mediaType])
  if (state.text !== undefined) return children(state.text)
  return (
    <div ref={place} className={styles["waiting"]}>
      {state.problem === undefined ? "Loading a large output …" : `This output could not be loaded: ${state.problem}. Reload the page to try again.`}
    </div>
  )
}
