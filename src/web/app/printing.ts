/** What is drawn where the reader is has to be there whole on paper. */
import { useEffect, useState } from "react"
import { flushSync } from "react-dom"

/** Whether the page is being printed, however that was asked: the browser takes what is drawn when this has been told. */
export function useIsPrinting(): boolean {
  const [isPrinting, setPrinting] = useState(false)
  useEffect(() => {
    const set = (next: boolean) => () => flushSync(() => setPrinting(next))
    const [begin, end] = [set(true), set(false)]
    globalThis.addEventListener("beforeprint", begin)
    globalThis.addEventListener("afterprint", end)
    return () => {
      globalThis.removeEventListener("beforeprint", begin)
      globalThis.removeEventListener("afterprint", end)
    }
  }, [])
  return isPrinting
}
