/** Markdown of markdown cells, comments and outputs: cleaned, with formulas set; a picture that would have to be fetched is a placeholder. */
import { lazy, type ReactNode, Suspense, useLayoutEffect, useRef, useState } from "react"
import { type Macros, rasterOfUri } from "#page/parts.ts"
import { isPlain, own, textOf } from "#web/outputs/bundle.ts"
import { clean, decoded } from "#web/outputs/clean.ts"
import type { Diagram } from "#web/outputs/diagrams.tsx"
import { setFormula } from "#web/outputs/formulas.ts"
import { sheetOf } from "#web/outputs/markdown-source.ts"
import styles from "#web/outputs/outputs.module.css"
import { pictureBlob } from "#web/outputs/picture.tsx"
import { placeRemote } from "#web/outputs/remote-picture.ts"
import { useStage } from "#web/outputs/stage/current.ts"

export type MarkdownProps = {
  readonly source: string
  /** nbformat's `attachments` of the cell: name → media type → base64. */
  readonly attachments?: unknown
  /** TeX commands that formulas of one notebook share. */
  readonly macros?: Macros
}

const NO_MACROS: Macros = {}

export function Markdown({ source, attachments, macros = NO_MACROS }: MarkdownProps): ReactNode {
  const place = useRef<HTMLDivElement>(null)
  // Where there is no stage, a diagram stays the text that it is.
  const isDrawn = useStage() !== "absent"
  const [diagrams, setDiagrams] = useState<readonly Diagram[]>([])
  useLayoutEffect(() => {
    const made: string[] = []
    const found: Diagram[] = []
    place.current?.replaceChildren(markdownNodes(source, { attachments, macros, addresses: made, diagrams: isDrawn ? found : undefined }))
    setDiagrams((before) => (before.length + found.length === 0 ? before : found))
    return () => made.forEach(URL.revokeObjectURL)
  }, [source, attachments, macros, isDrawn])
  return (
    <>
      <div ref={place} className={styles["prose"]} data-stet-content="" />
      {diagrams.length > 0 && (
        <Suspense>
          <Diagrams diagrams={diagrams} />
        </Suspense>
      )}
    </>
  )
}

const Diagrams = lazy(async () => ({ default: (await import("#web/outputs/diagrams.tsx")).Diagrams }))

type Surroundings = {
  readonly attachments: unknown
  readonly macros: Macros
  readonly addresses: string[]
  /** Places left for diagrams are put here; undefined where none is drawn. */
  readonly diagrams: Diagram[] | undefined
}

function markdownNodes(source: string, around: Surroundings): DocumentFragment {
  const mark = `m${crypto.randomUUID()}`
  const sheet = sheetOf(source, mark)
  const fragment = clean(sheet.html, { picture: (image) => pictureNode(image, around) })
  const find = (name: string): HTMLElement | null => fragment.querySelector(`[id="user-${mark}-${name}"]`)
  sheet.formulas.forEach((formula, index) => {
    const place = find(`f${index}`)
    place?.removeAttribute("id")
    if (place) place.className = `${formula.display ? styles["display-math"] : styles["math"]}`
    if (place) setFormula(place, formula, around.macros)
  })
  sheet.codes.forEach(({ text, language }, index) => {
    const place = find(`c${index}`)
    if (place && around.diagrams && language.toLowerCase() === "mermaid") {
      const room = document.createElement("div")
      room.className = styles["diagram"] ?? ""
      place.replaceWith(room)
      around.diagrams.push({ place: room, text })
      return
    }
    const code = document.createElement("code")
    code.textContent = text
    if (language) code.className = `language-${language}`
    place?.removeAttribute("id")
    place?.setAttribute("tabindex", "0")
    place?.replaceChildren(code)
  })
  return fragment
}

type Image = { readonly source: string; readonly alt: string; readonly title: string; readonly width: string }

function pictureNode(image: Image, { attachments, addresses }: Surroundings): Node {
  const attached = attachedPicture(image.source, attachments)
  const inText = rasterOfUri(image.source)
  const found =
    attached ??
    (inText ? { mediaType: inText.uri.slice(5, inText.uri.indexOf(";")), content: inText.uri.slice(inText.uri.indexOf(",") + 1) } : undefined)
  const read = found && pictureBlob(found.mediaType, found.content)
  if (!read) return placeRemote(image)
  const address = URL.createObjectURL(read.blob)
  addresses.push(address)
  const node = document.createElement("img")
  node.src = address
  node.alt = image.alt
  node.title = image.title
  const asked = /^\d{1,4}(?:\.\d+)?(?:px)?$/.test(image.width) ? Number.parseFloat(image.width) : undefined
  const width = asked ?? read.width
  if (width) node.width = Math.round(width)
  if (width && read.width && read.height) node.height = Math.round((read.height * width) / read.width)
  return node
}

function attachedPicture(source: string, attachments: unknown): { readonly mediaType: string; readonly content: string } | undefined {
  if (!/^attachment:/i.test(source)) return undefined
  const bundle = own(attachments, decoded(source.slice("attachment:".length)))
  if (!isPlain(bundle)) return undefined
  const entry = Object.entries(bundle).find(([mediaType, content]) => mediaType.startsWith("image/") && textOf(content) !== undefined)
  return entry && { mediaType: entry[0], content: textOf(entry[1]) ?? "" }
}
