/** The palette, and until it is loaded and has the focus, the keys that are meant for it: they must not become commands of a notebook. */
import { lazy, Suspense, useLayoutEffect, useState } from "react"

const Palette = lazy(() => import("#web/palette/palette.tsx").then(({ Palette }) => ({ default: Palette })))

export function PaletteSoon({ onClose }: { readonly onClose: () => void }) {
  const [text, setText] = useState("")
  const [isThere, setThere] = useState(false)
  useLayoutEffect(() => {
    if (isThere) return
    const hold = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      event.preventDefault()
      event.stopPropagation()
      if (event.key === "Escape") onClose()
      else if (event.key === "Backspace") setText((typed) => typed.slice(0, -1))
      else if (event.key.length === 1) setText((typed) => typed + event.key)
    }
    document.addEventListener("keydown", hold, { capture: true })
    return () => document.removeEventListener("keydown", hold, { capture: true })
  }, [isThere, onClose])
  return (
    <Suspense>
      <Palette text={text} onText={setText} onThere={() => setThere(true)} onClose={onClose} />
    </Suspense>
  )
}
