import { type DragEvent, useState } from "react"
import { type Picked, pickedFrom } from "#web/space/upload.ts"

/** Files of the machine that are dragged over the page; what is dragged within it is not theirs. */
export function useFileDrop(isAllowed: boolean, take: (picked: readonly Picked[]) => void) {
  const [isOver, setOver] = useState(false)
  const hasFiles = (event: DragEvent) => isAllowed && event.dataTransfer.types.includes("Files")
  const on = {
    onDragOver: (event: DragEvent) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      setOver(true)
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      setOver(false)
      if (!hasFiles(event)) return
      event.preventDefault()
      void pickedFrom(event.dataTransfer.items).then(take)
    },
  }
  return { isOver, on }
}
