/** When each cell of a run was at work, as bars on one scale. Pure; times are milliseconds since 1970. */

export type TimedCell = {
  readonly index: number
  readonly id: string
  readonly state: string
  readonly startedAt: string | null
  readonly endedAt: string | null
}

export type Bar = {
  readonly index: number
  readonly state: string
  readonly ms: number
  /** Shares of the whole, 0 to 1. */
  readonly from: number
  readonly width: number
}

export type Waterfall = {
  readonly totalMs: number
  /** From the order to the first cell: the queue, the environment, the kernel. */
  readonly waitedMs: number
  readonly bars: readonly Bar[]
  /** How many cells are left out because they took little. */
  readonly leftOut: number
}

export type Course = {
  readonly cells: readonly TimedCell[]
  readonly createdAt: string
  readonly endedAt: string | null
  readonly now: number
  /** Bars that are shown at most; the longest and those that did not succeed are kept. */
  readonly most: number
}

export function waterfall({ cells, createdAt, endedAt, now, most }: Course): Waterfall {
  const ran = cells.flatMap(({ index, state, startedAt, endedAt: to }) => {
    const from = startedAt === null ? Number.NaN : Date.parse(startedAt)
    return Number.isNaN(from) ? [] : [{ index, state, from, to: Math.max(from, to === null ? now : Date.parse(to)) }]
  })
  const first = Math.min(...ran.map(({ from }) => from))
  const last = Math.max(...ran.map(({ to }) => to), ...(endedAt === null && ran.length > 0 ? [now] : []))
  if (ran.length === 0) return { totalMs: 0, waitedMs: 0, bars: [], leftOut: 0 }
  const totalMs = Math.max(1, last - first)
  const bars = ran.map(({ index, state, from, to }) => ({
    index,
    state,
    ms: to - from,
    from: (from - first) / totalMs,
    width: (to - from) / totalMs,
  }))
  const shown = chosen(bars, most)
  return { totalMs, waitedMs: Math.max(0, first - Date.parse(createdAt)), bars: shown, leftOut: bars.length - shown.length }
}

const ORDINARY = new Set(["succeeded"])

function chosen(bars: readonly Bar[], most: number): readonly Bar[] {
  if (bars.length <= most) return bars
  const weight = (bar: Bar) => (ORDINARY.has(bar.state) ? bar.ms : Number.MAX_SAFE_INTEGER)
  const kept = new Set([...bars].sort((a, b) => weight(b) - weight(a)).slice(0, most))
  return bars.filter((bar) => kept.has(bar))
}
