import { toHuman } from "#base/time.ts"
import { useNow } from "#web/app/clock.ts"
import { agoWords } from "#web/app/words.ts"

/** Made when the first instant is shown: it takes the browser some 20 ms. */
let exact: Intl.DateTimeFormat | undefined

function exactly(instant: number): string {
  exact ??= new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" })
  return exact.format(instant)
}

/** "3 minutes ago", with the exact instant under the pointer. `at`: ISO 8601; nothing is shown for null. */
export function Time({ at, none = "" }: { readonly at: string | null | undefined; readonly none?: string }) {
  const now = useNow()
  if (at === null || at === undefined) return none === "" ? null : <span>{none}</span>
  const instant = Date.parse(at)
  return (
    <time dateTime={at} title={exactly(instant)}>
      {agoWords(instant, now)}
    </time>
  )
}

type Span = { readonly from: string | null | undefined; readonly to?: string | null | undefined }

/** How long something took, "1 m 12 s"; it counts on every second while there is no end. */
export function Duration({ from, to }: Span) {
  return from === null || from === undefined ? null : to ? <Took ms={Date.parse(to) - Date.parse(from)} /> : <Counting from={from} />
}

function Counting({ from }: { readonly from: string }) {
  const now = useNow("seconds")
  const ms = Math.max(0, now - Date.parse(from))
  return <Took ms={ms < 60_000 ? Math.floor(ms / 1000) * 1000 : ms} />
}

function Took({ ms }: { readonly ms: number }) {
  return <span style={{ fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" }}>{toHuman(Math.max(0, ms))}</span>
}
