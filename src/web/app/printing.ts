/** What is drawn where the reader is has to be there whole on paper. */
import { useCallback, useEffect, useState } from "react"
import { flushSync } from "react-dom"

/** Told before the browser takes what is drawn for paper, however that was asked, and after it. `set` must stay the same function. */
export function useWhenPrinting(set: (isPrinting: boolean) => void): void {
  useEffect(() => {
    const [begin, end] = [() => set(true), () => set(false)]
    globalThis.addEventListener("beforeprint", begin)
    globalThis.addEventListener("afterprint", end)
    return () => {
      globalThis.removeEventListener("beforeprint", begin)
      globalThis.removeEventListener("afterprint", end)
    }
  }, [set])
}

/** Whether the page is being printed: it is drawn anew before the browser takes it. */
export function useIsPrinting(): boolean {
  const [isPrinting, setPrinting] = useState(false)
  const set = useCallback((next: boolean) => flushSync(() => setPrinting(next)), [])
  useWhenPrinting(set)
  return isPrinting
}
