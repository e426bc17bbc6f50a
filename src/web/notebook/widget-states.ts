/**
 * What the widgets of this notebook are like now, folded from what the kernel said of them: a frame that opens later than its widgets
 * were made is told each as the message that would open it. Pure but for what it keeps.
 */
import type { CommTold } from "#web/outputs/session-comm.ts"

/** Characters of state and of buffers. Past it the widgets that came first are let go; their outputs ask the kernel. */
const MOST_HELD = 64_000_000

type Buffer = { readonly path: readonly unknown[]; readonly data: string }
type Held = { readonly target: unknown; state: Record<string, unknown>; buffers: readonly Buffer[]; size: number }

export type WidgetStates = {
  hear(told: CommTold): void
  /** Those that are open, each after the ones that its state refers to. */
  opened(): readonly CommTold[]
  clear(): void
}

export function widgetStates(most: number = MOST_HELD): WidgetStates {
  const held = new Map<string, Held>()
  let total = 0
  const forget = (id: string): void => {
    total -= held.get(id)?.size ?? 0
    held.delete(id)
  }
  return {
    hear({ type, content, buffers }) {
      const id = String(content["comm_id"] ?? "")
      if (type === "comm_close") return forget(id)
      if (type === "comm_open") {
        forget(id)
        held.set(id, { target: content["target_name"], state: {}, buffers: [], size: 0 })
      }
      const one = held.get(id)
      const data = content["data"] as Said | undefined
      if (!one || typeof data?.state !== "object" || data.state === null) return
      total -= one.size
      change(one, { state: data.state, paths: data.buffer_paths ?? [], buffers })
      total += one.size
      for (const oldest of held.keys()) {
        if (total <= most) break
        forget(oldest)
      }
    },
    opened: () => inOrder(held).map(([id, one]) => openingOf(id, one)),
    clear() {
      held.clear()
      total = 0
    },
  }
}

type Said = { readonly state?: Record<string, unknown> | null; readonly buffer_paths?: readonly (readonly unknown[])[] }
type Change = { readonly state: Record<string, unknown>; readonly paths: readonly (readonly unknown[])[]; readonly buffers: readonly string[] }

/** A value that is said anew takes the buffers of the one before with it; one that is a buffer is named by its path alone. */
function change(one: Held, { state, paths, buffers }: Change): void {
  const said = new Set([...Object.keys(state), ...paths.map(([first]) => first)])
  const kept = one.buffers.filter(({ path }) => !said.has(path[0]))
  one.state = { ...one.state, ...state }
  one.buffers = [...kept, ...paths.map((path, index) => ({ path, data: buffers[index] ?? "" }))]
  one.size = sizeOf(one.state) + one.buffers.reduce((sum, { data }) => sum + data.length, 0)
}

function openingOf(id: string, { target, state, buffers }: Held): CommTold {
  const data = { state, buffer_paths: buffers.map(({ path }) => path) }
  return { tell: "comm", type: "comm_open", content: { comm_id: id, target_name: target, data }, buffers: buffers.map(({ data }) => data) }
}

/** A box that was given its children later refers to widgets that were opened after it. */
function inOrder(held: ReadonlyMap<string, Held>): readonly (readonly [string, Held])[] {
  const ordered = new Map<string, Held>()
  const begun = new Set<string>()
  const add = (id: string): void => {
    const one = held.get(id)
    if (!one || begun.has(id)) return
    begun.add(id)
    for (const inner of referencesIn(one.state)) add(inner)
    ordered.set(id, one)
  }
  for (const id of held.keys()) add(id)
  return [...ordered]
}

function referencesIn(value: unknown): readonly string[] {
  if (typeof value === "string") return value.startsWith("IPY_MODEL_") ? [value.slice("IPY_MODEL_".length)] : []
  if (typeof value !== "object" || value === null) return []
  return Object.values(value).flatMap(referencesIn)
}

function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length
  if (typeof value !== "object" || value === null) return 8
  let size = 0
  for (const [key, inner] of Object.entries(value)) size += key.length + sizeOf(inner)
  return size
}
