/** Words that appear at the foot of the page, say what was done, and may offer to undo it. */
import { IconX } from "@tabler/icons-react"
import { useEffect, useSyncExternalStore } from "react"
import { toldOf } from "#web/app/api.ts"
import css from "#web/app/toast.module.css"

export type Toast = {
  readonly text: string
  readonly undo?: () => unknown
  /** Another action than Undo. */
  readonly action?: { readonly word: string; readonly do: () => unknown }
  readonly kind?: "done" | "failed"
}
type Shown = Toast & { readonly key: number }

let shown: readonly Shown[] = []
let count = 0
const heard = new Set<() => void>()

function show(next: readonly Shown[]): void {
  shown = next
  for (const one of heard) one()
}

/** Says what was done: `toast({ text: "In the trash.", undo: () => restore() })`. */
export function toast(what: Toast | string): void {
  const said = typeof what === "string" ? { text: what } : what
  count++
  show([...shown.slice(-2), { ...said, key: count }])
}

/** Says why something was not done. */
export function toastError(error: unknown): void {
  const { detail, remedy } = toldOf(error)
  toast({ text: `${detail} ${remedy}`.trim(), kind: "failed" })
}

/** Where they appear; once, in the shell. */
export function Toasts() {
  const toasts = useSyncExternalStore(
    (one) => {
      heard.add(one)
      return () => heard.delete(one)
    },
    () => shown,
  )
  return (
    <section className={css["toasts"]} aria-live="polite" aria-label="Messages">
      {toasts.map((one) => (
        <OneToast key={one.key} toast={one} />
      ))}
    </section>
  )
}

function OneToast({ toast: { key, text, undo, action, kind = "done" } }: { readonly toast: Shown }) {
  const close = () => show(shown.filter((one) => one.key !== key))
  const act = async (what: () => unknown) => {
    close()
    try {
      await what()
    } catch (error) {
      toastError(error)
    }
  }
  const offered = action ?? (undo && { word: "Undo", do: undo })
  // biome-ignore lint/correctness/useExhaustiveDependencies: its time begins when it appears
  useEffect(() => {
    const timer = setTimeout(close, kind === "failed" ? 15_000 : offered ? 10_000 : 5000)
    return () => clearTimeout(timer)
  }, [key])
  return (
    <div className={`${css["toast"]} ${kind === "failed" ? css["failed"] : ""}`}>
      <span className={css["text"]}>{text}</span>
      {offered && (
        <button type="button" className={css["action"]} onClick={() => act(offered.do)}>
          {offered.word}
        </button>
      )}
      <button type="button" className={css["close"]} onClick={close} aria-label="Dismiss">
        <IconX size={14} aria-hidden="true" />
      </button>
    </div>
  )
}
