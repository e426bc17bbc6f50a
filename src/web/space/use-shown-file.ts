import { one, useFilters } from "#web/app/filters.ts"
import { pathIn } from "#web/app/places.ts"

/** The path of the file that the address names beside a folder, and how to show another, or none. */
export function useShownFile(folder: string): readonly [string | undefined, (name: string | undefined) => void] {
  const [filters, change] = useFilters()
  const name = one(filters, "file")
  return [name === undefined ? undefined : pathIn(folder, name), (file) => change({ file })]
}
