/** What is pasted into a cell and is not text: a picture becomes an attachment of a markdown cell. */
import { setAttachments } from "#draft/index.ts"
import { insert } from "#web/notebook/act-cells.ts"
import type { Desk } from "#web/notebook/desk-type.ts"

const MOST_BYTES = 8 * 1024 * 1024

/** True when it was a picture, and is taken care of: a cell that cannot hold one gets a text cell below it that does. */
export function pasteIntoCell(desk: Desk, cell: string, event: ClipboardEvent): boolean {
  const file = pictureIn(event)
  if (!file) return false
  event.preventDefault()
  if (file.size > MOST_BYTES) {
    desk.say({ text: "This picture is larger than 8 MB. Make it smaller, or put it beside the notebook as a file.", kind: "failed" })
    return true
  }
  const isText = desk.notebook.structure.get().cells.get(cell)?.type === "markdown"
  if (isText && desk.notebook.editors.of(cell)) attach(desk, cell, file)
  else attachBelow(desk, file)
  return true
}

export function pictureIn(event: ClipboardEvent): File | undefined {
  return [...(event.clipboardData?.files ?? [])].find((each) => /^image\/(png|jpeg|gif|webp)$/.test(each.type))
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

async function attachBelow(desk: Desk, file: File): Promise<void> {
  const content = base64(new Uint8Array(await file.arrayBuffer()))
  const { notebook } = desk
  const name = freeName([], file.type.slice("image/".length))
  notebook.undo.stopCapturing()
  // Whole from its birth: undone, it is one that was never there, not one that was taken out of the draft, which nobody may do.
  insert(desk, "after", "markdown", { source: `![${name}](attachment:${name})`, attachments: { [name]: { [file.type]: content } } })
  notebook.undo.stopCapturing()
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
