/** Printing of what is only looked at: `?print` draws it whole, then prints it, and goes. */
import { useEffect } from "react"
import { one, useFilters } from "#web/app/filters.ts"
import { printWhenDrawn } from "#web/outputs/when-drawn.ts"

export function useIsToPrint(): boolean {
  const [filters] = useFilters()
  return one(filters, "print") !== undefined
}

/** Prints once; asked again, it prints again. */
export function usePrint(isDrawn: boolean): void {
  const [, change] = useFilters()
  // biome-ignore lint/correctness/useExhaustiveDependencies: what changes the address is made anew with every change of it
  useEffect(() => {
    if (!isDrawn) return
    const printed = (): void => change({ print: undefined })
    const end = printWhenDrawn()
    globalThis.addEventListener("afterprint", printed)
    return () => {
      end()
      globalThis.removeEventListener("afterprint", printed)
    }
  }, [isDrawn])
}
