/** Pictures: of pixels, and drawings (SVG) as pictures, in which nothing runs and nothing loads. They keep their place before they are decoded. */
import { IconDownload, IconZoomIn } from "@tabler/icons-react"
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react"
import { raster } from "#page/parts.ts"
import { downloadBlob } from "#web/outputs/download.ts"
import styles from "#web/outputs/outputs.module.css"

export type PictureProps = {
  readonly mediaType: string
  /** Base64 for pixels, markup for a drawing. */
  readonly content: string
  readonly alt: string
  /** What the author asked for, in CSS pixels. */
  readonly width?: number | undefined
  readonly height?: number | undefined
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/gif": "gif",
  "image/webp": "webp",
  "image/svg+xml": "svg",
}

export function Picture(props: PictureProps): ReactNode {
  const { mediaType, content, alt } = props
  const blob = useMemo(() => pictureBlob(mediaType, content), [mediaType, content])
  const address = useAddress(blob?.blob)
  const zoom = useRef<HTMLDialogElement>(null)
  const [isZoomed, setZoomed] = useState(false)
  if (!blob) return <p className={styles["aside"]}>A picture that cannot be read: it is said to be {mediaType}, and its bytes are not.</p>
  const { width, height } = placeOf(props, blob)
  const open = () => {
    setZoomed(true)
    zoom.current?.showModal()
  }
  return (
    <figure className={styles["picture"]}>
      <button type="button" className={styles["zoom"]} onClick={open} title="Zoom in">
        {address && <img src={address} alt={alt} width={width} height={height} decoding="async" />}
      </button>
      <span className={styles["tools"]}>
        <button type="button" aria-label="Zoom in" title="Zoom in" onClick={open}>
          <IconZoomIn size={16} />
        </button>
        <button
          type="button"
          aria-label="Download the picture"
          title="Download"
          onClick={() => downloadBlob(blob.blob, `picture.${EXTENSIONS[mediaType] ?? "bin"}`)}
        >
          <IconDownload size={16} />
        </button>
      </span>
      <dialog ref={zoom} className={styles["zoomed"]} aria-label={alt} onClose={() => setZoomed(false)}>
        <form method="dialog">
          <button type="submit" className={styles["quiet"]}>
            Close
          </button>
        </form>
        <div>{isZoomed && address && <img src={address} alt={alt} />}</div>
      </dialog>
    </figure>
  )
}

type Read = { readonly blob: Blob; readonly width?: number; readonly height?: number }

/** Undefined when the bytes are no such picture. */
export function pictureBlob(mediaType: string, content: string): Read | undefined {
  if (mediaType === "image/svg+xml") return { blob: new Blob([standalone(content)], { type: mediaType }), ...drawingSize(content) }
  const found = raster(content)
  if (!found) return undefined
  const comma = found.uri.indexOf(",")
  const bytes = Uint8Array.from(atob(found.uri.slice(comma + 1)), (character) => character.charCodeAt(0))
  const { width, height } = found
  return {
    blob: new Blob([bytes], { type: found.uri.slice(5, found.uri.indexOf(";")) }),
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
  }
}

/** A drawing that was written to stand in HTML does not name its namespace. */
function standalone(markup: string): string {
  return /<svg[^>]*\sxmlns\s*=/i.test(markup)
    ? markup
    : markup.replace(/<svg\b/i, '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"')
}

const UNITS: Readonly<Record<string, number>> = { pt: 4 / 3, in: 96, cm: 96 / 2.54, mm: 96 / 25.4 }

function drawingSize(markup: string): { readonly width?: number; readonly height?: number } {
  const attributes = /<svg\b([^>]*)>/i.exec(markup.slice(0, 20_000))?.[1] ?? ""
  const length = (name: string): number | undefined => {
    const found = new RegExp(`\\s${name}\\s*=\\s*["']\\s*([\\d.]+)\\s*(px|pt|in|cm|mm)?\\s*["']`, "i").exec(attributes)
    return found ? Number(found[1]) * (UNITS[found[2]?.toLowerCase() ?? ""] ?? 1) : undefined
  }
  const box = /\bviewBox\s*=\s*["']\s*[-\d.]+[\s,]+[-\d.]+[\s,]+([\d.]+)[\s,]+([\d.]+)/i.exec(attributes)
  const width = length("width") ?? (box ? Number(box[1]) : undefined)
  const height = length("height") ?? (box ? Number(box[2]) : undefined)
  return width && height ? { width, height } : {}
}

function placeOf({ width, height }: PictureProps, read: Read): { readonly width?: number | undefined; readonly height?: number | undefined } {
  if (width && height) return { width, height }
  if (!read.width || !read.height) return { width, height }
  if (width) return { width, height: Math.round((width * read.height) / read.width) }
  if (height) return { width: Math.round((height * read.width) / read.height), height }
  return { width: Math.round(read.width), height: Math.round(read.height) }
}

function useAddress(blob: Blob | undefined): string | undefined {
  const [address, setAddress] = useState<string>()
  useEffect(() => {
    if (!blob) return
    const made = URL.createObjectURL(blob)
    setAddress(made)
    return () => URL.revokeObjectURL(made)
  }, [blob])
  return address
}
