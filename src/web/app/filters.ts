/** Filters of a list, kept in the address: every list can be linked to as it is seen. */
import { useNavigate, useSearch } from "@tanstack/react-router"

export type Filters = Readonly<Record<string, string | readonly string[] | undefined>>

/** `?a=1&b=2&b=3` as `{ a: "1", b: ["2", "3"] }`; nothing is guessed about what the texts mean. */
export function parseFilters(search: string): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {}
  for (const [key, value] of new URLSearchParams(search)) {
    const before = Object.hasOwn(found, key) ? found[key] : undefined
    if (before === undefined) Object.defineProperty(found, key, { value, enumerable: true, writable: true, configurable: true })
    else found[key] = [...(Array.isArray(before) ? before : [before]), value]
  }
  return found
}

export function writeFilters(filters: Filters): string {
  const pairs = Object.entries(filters).flatMap(([key, value]) => {
    const values = Array.isArray(value) ? (value as readonly string[]) : [value as string | undefined]
    return values.flatMap((one) => (one === undefined || one === "" ? [] : [[key, String(one)] as [string, string]]))
  })
  return pairs.length === 0 ? "" : `?${new URLSearchParams(pairs)}`
}

/** The filters of this page and how to change them; a change replaces the address, and `undefined` or "" takes a filter away. */
export function useFilters(): readonly [Filters, (change: Filters) => void] {
  const filters = useSearch({ strict: false }) as Filters
  const navigate = useNavigate()
  const change = (next: Filters) => {
    const search = { ...filters, ...next }
    // It is the same page with other contents: nobody is sent back to its top.
    void navigate({ to: ".", search: search as never, replace: true, resetScroll: false })
  }
  return [filters, change]
}

/** The one value of a filter. */
export function one(filters: Filters, name: string): string | undefined {
  const value = filters[name]
  return typeof value === "string" ? value : value?.at(-1)
}
