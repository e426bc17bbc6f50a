/** The place of an output that runs in a frame: it keeps its height from the start, and says what the frame may not. */
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react"
import { toastError } from "#web/app/toast.tsx"
import type { Show } from "#web/outputs/frame/messages.ts"
import styles from "#web/outputs/outputs.module.css"
import { allowedHosts, allowHosts } from "#web/outputs/stage/allowed.ts"
import { useStage } from "#web/outputs/stage/current.ts"
import { guessedHeight, hostsIn } from "#web/outputs/stage/grouping.ts"
import type { Heard } from "#web/outputs/stage/heard.ts"
import { heightOf, keepHeight } from "#web/outputs/stage/heights.ts"
import type { Slot } from "#web/outputs/stage/stage.ts"

export type ActiveOutputProps = {
  readonly id: string
  readonly cell: string
  readonly hash: string
  readonly show: Show
  /** Shown below when the frame could not draw it. */
  readonly fallback: ReactNode
}

export function ActiveOutput(props: ActiveOutputProps): ReactNode {
  const { show, hash, fallback } = props
  const place = useRef<HTMLDivElement>(null)
  const enter = useRef<HTMLButtonElement>(null)
  const [height, setHeight] = useState(() => guessedHeight(show))
  const [isHeard, setHeard] = useState(false)
  const [still, setStill] = useState("")
  const { said, hear } = useSaid()
  useLayoutEffect(() => {
    const known = heightOf(hash, place.current?.clientWidth ?? 0)
    if (known !== undefined) setHeight(known)
  }, [hash])
  const slot = useSlot(props, place, (heard) => {
    setHeard(true)
    if (heard.heard === "height") {
      setHeight(heard.height)
      keepHeight(hash, place.current?.clientWidth ?? 0, heard.height)
    } else if (heard.heard === "still") setStill(heard.svg)
    else if (heard.heard === "left") leave(enter.current, heard.way)
    else hear(heard)
  })
  const stage = useStage()
  return (
    <div className={styles["active"]}>
      {height > 0 && (
        <button
          ref={enter}
          type="button"
          className={styles["enter"]}
          onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
          onKeyUp={(event) => event.key === "Enter" && slot && typeof stage === "object" && stage.focus(slot, false)}
          onClick={() => slot && typeof stage === "object" && stage.focus(slot, false)}
        >
          Interactive output: press Enter to go in, Escape to come out
        </button>
      )}
      <div ref={place} className={styles["slot"]} style={{ height }} data-stet-slot={show.renderer} data-coming={isHeard ? undefined : ""}>
        {still !== "" && <img className={styles["still"]} alt="" src={`data:image/svg+xml,${encodeURIComponent(still)}`} data-stet-still="" />}
        {still === "" && height > 0 && (
          <p className={styles["unprinted"]}>Here stands an interactive output. “Print” in the menu of this page in Stet prints it as well.</p>
        )}
      </div>
      <Notes said={said} wanted={hostsIn(show)} />
      {said.problem !== undefined && fallback}
    </div>
  )
}

type Notices = { readonly problem?: string; readonly wants: readonly string[]; readonly link?: string }

function useSaid(): { readonly said: Notices; readonly hear: (heard: Heard) => void } {
  const [said, setSaid] = useState<Notices>({ wants: [] })
  const hear = (heard: Heard): void =>
    setSaid((before) => {
      if (heard.heard === "failed") return { ...before, problem: heard.message }
      if (heard.heard === "link") return { ...before, link: heard.address }
      if (heard.heard !== "wants" || before.wants.includes(heard.host) || before.wants.length >= 8) return before
      return { ...before, wants: [...before.wants, heard.host] }
    })
  return { said, hear }
}

// `scrollMargin`: also where the view is a box that scrolls.
const NEAR = { rootMargin: "1000px", scrollMargin: "1000px" } as const

/** Tells the stage of the place, and whenever it comes near the reader's view or leaves it. */
function useSlot(
  { id, cell, show }: ActiveOutputProps,
  place: { readonly current: HTMLDivElement | null },
  hear: (heard: Heard) => void,
): Slot | undefined {
  const stage = useStage()
  const [slot, setSlot] = useState<Slot>()
  const hearing = useRef(hear)
  hearing.current = hear
  // biome-ignore lint/correctness/useExhaustiveDependencies: the id says what is shown
  useEffect(() => {
    const element = place.current
    if (!element || typeof stage !== "object") return
    const made: Slot = { id, cell, show, element, hear: (heard) => hearing.current(heard) }
    const remove = stage.add(made)
    setSlot(made)
    const near = new IntersectionObserver((entries) => stage.see(made, entries.at(-1)?.isIntersecting ?? false), NEAR)
    near.observe(element)
    return () => {
      near.disconnect()
      remove()
      setSlot(undefined)
    }
  }, [stage, id, cell])
  return slot
}

/** The keyboard goes on where it would have without the frame. */
function leave(enter: HTMLElement | null, way: "forward" | "back" | "out"): void {
  if (!enter) return
  if (way !== "forward") return enter.focus()
  const places = [
    ...document.querySelectorAll<HTMLElement>(
      'a[href],button:not([disabled]),input,select,textarea,[tabindex]:not([tabindex="-1"]),[contenteditable="true"]',
    ),
  ]
  const next = places.slice(places.indexOf(enter) + 1).find((one) => one.getClientRects().length > 0 && one.tabIndex >= 0)
  ;(next ?? enter).focus()
}

function Notes({ said, wanted }: { readonly said: Notices; readonly wanted: readonly string[] }): ReactNode {
  const missing = [...new Set([...said.wants, ...(said.wants.length > 0 ? wanted : [])])].filter((host) => !allowedHosts().includes(host))
  return (
    <>
      {said.problem !== undefined && <p className={styles["problem"]}>This output could not be drawn: {said.problem}</p>}
      {missing.length > 0 && (
        <p className={styles["note"]}>
          Not loaded: files of {missing.join(", ")}.{" "}
          <button
            type="button"
            className={styles["quiet"]}
            title="Opening a notebook asks nobody for anything. What you allow holds for you alone; take it back in your profile."
            onClick={() => allowHosts(missing, toastError)}
          >
            Load from {missing.length === 1 ? "there" : "these hosts"}
          </button>
        </p>
      )}
      {said.link !== undefined && (
        <p className={styles["note"]}>
          The link leads to{" "}
          <a href={said.link} target="_blank" rel="noopener noreferrer nofollow">
            {said.link.slice(0, 200)}
          </a>
        </p>
      )}
    </>
  )
}
