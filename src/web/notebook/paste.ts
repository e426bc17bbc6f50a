/** What is pasted into a cell and is not text: a picture becomes an attachment of a markdown cell. */
import { setAttachments } from "#draft/index.ts"
import type { Desk } from "#web/notebook/desk-type.ts"

const MOST_BYTES = 8 * 1024 * 1024

/** True when it was a picture, and is taken care of. */
export function pasteIntoCell(desk: Desk, cell: string, event: ClipboardEvent): boolean {
  const file = [...(event.clipboardData?.files ?? [])].find((each) => /^image\/(png|jpeg|gif|webp)$/.test(each.type))
  if (!file || desk.notebook.structure.get().cells.get(cell)?.type !== "markdown") return false
  event.preventDefault()
  if (file.size > MOST_BYTES) {
    desk.say({ text: "This picture is larger than 8 MB. Make it smaller, or put it beside the notebook as a file.", kind: "failed" })
    return true
  }
  attach(desk, cell, file)
  return true
}

async function attach({ notebook }: Desk, cell: string, file: File): Promise<void> {
  const content = base64(new Uint8Array(await file.arrayBuffer()))
  const shape = notebook.structure.get().cells.get(cell)
  if (!shape) return
  const name = freeName(Object.keys(shape.attachments ?? {}), file.type.slice("image/".length))
  setAttachments(notebook.doc, cell, { ...shape.attachments, [name]: { [file.type]: content } })
  const editor = notebook.editors.of(cell)
  editor?.dispatch(editor.state.replaceSelection(`![${name}](attachment:${name})`))
}

function freeName(taken: readonly string[], kind: string): string {
  const ending = kind === "jpeg" ? "jpg" : kind
  for (let number = 1; ; number++) {
    const name = number === 1 ? `image.${ending}` : `image-${number}.${ending}`
    if (!taken.includes(name)) return name
  }
}

function base64(bytes: Uint8Array): string {
  let text = ""
  for (let from = 0; from < bytes.length; from += 0x8000) text += String.fromCharCode(...bytes.subarray(from, from + 0x8000))
  return btoa(text)
}
