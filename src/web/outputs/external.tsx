/** A text that was too long to be sent along is fetched when it comes near the reader's view. */
import { type ReactNode, useEffect, useRef, useState } from "react"
import styles from "#web/outputs/outputs.module.css"

export type ExternalProps = { readonly address: string; readonly mediaType: string; readonly children: (text: string) => ReactNode }

const LARGEST_BYTES = 64 * 1024 * 1024

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
    fetched(address, mediaType, stop.signal).then(
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

/** The value as `data` of the output would have held it: base64 for pictures, text for the rest. */
async function fetched(address: string, mediaType: string, signal: AbortSignal): Promise<string> {
  const answer = await fetch(address, { signal, credentials: "same-origin" })
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`)
  if (Number(answer.headers.get("content-length") ?? 0) > LARGEST_BYTES) throw new Error("it is larger than 64 MB; download it instead")
  if (!/^image\/(?!svg)|^application\/pdf|^audio\/|^video\//.test(mediaType)) return answer.text()
  const bytes = new Uint8Array(await answer.arrayBuffer())
  let binary = ""
  for (let at = 0; at < bytes.length; at += 32_768) binary += String.fromCharCode(...bytes.subarray(at, at + 32_768))
  return btoa(binary)
}
