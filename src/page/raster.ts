/**
 * Pictures made of pixels, the only ones shown outside a frame: PNG, JPEG, GIF, WebP as data URIs. Their size is read
 * from the first bytes, so that the page keeps the place before the picture is decoded.
 */
import { html, type Markup, trusted } from "#page/markup.ts"

export type Raster = { readonly uri: string; readonly width?: number; readonly height?: number }

const TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp"]

export function isRaster(mediaType: string): boolean {
  return TYPES.includes(mediaType)
}

/** Undefined when the text is not base64 of such a picture. The media type is the one the bytes tell. */
export function raster(base64: string): Raster | undefined {
  const packed = /[\s]/.test(base64) ? base64.replace(/\s+/g, "") : base64
  if (packed.length < 16 || !/^[A-Za-z0-9+/]+={0,2}$/.test(packed)) return undefined
  const bytes = decode(packed.slice(0, 64))
  const mediaType = kindOf(bytes)
  if (!mediaType) return undefined
  const size = mediaType === "image/jpeg" ? jpegSize(packed) : sizeOf(mediaType, bytes)
  return { uri: `data:${mediaType};base64,${packed}`, ...(size ?? {}) }
}

/** The same from a whole `data:` URI; undefined for anything else. */
export function rasterOfUri(uri: string): Raster | undefined {
  const match = /^data:(image\/[a-z]+);base64,/i.exec(uri)
  return match && isRaster(match[1]!.toLowerCase()) ? raster(uri.slice(match[0].length)) : undefined
}

function decode(base64: string): Uint8Array {
  const whole = base64.slice(0, base64.length - (base64.length % 4))
  const binary = atob(whole)
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

function kindOf(bytes: Uint8Array): string | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 12))
  if (start.startsWith("\x89PNG\r\n\x1a\n")) return "image/png"
  if (start.startsWith("\xff\xd8\xff")) return "image/jpeg"
  if (start.startsWith("GIF87a") || start.startsWith("GIF89a")) return "image/gif"
  return start.startsWith("RIFF") && start.endsWith("WEBP") ? "image/webp" : undefined
}

type Size = { readonly width: number; readonly height: number }

function sizeOf(mediaType: string, bytes: Uint8Array): Size | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 30) return undefined
  if (mediaType === "image/png") return { width: view.getUint32(16), height: view.getUint32(20) }
  if (mediaType === "image/gif") return { width: view.getUint16(6, true), height: view.getUint16(8, true) }
  return webpSize(view)
}

/** RIFF container: "VP8X" holds the canvas less one in 24 bits, "VP8L" 14 bits each, "VP8 " 14 bits after a start code. */
function webpSize(view: DataView): Size | undefined {
  const chunk = String.fromCharCode(view.getUint8(12), view.getUint8(13), view.getUint8(14), view.getUint8(15))
  if (chunk === "VP8X") return { width: 1 + (view.getUint32(24, true) & 0xffffff), height: 1 + (view.getUint32(26, true) >>> 8) }
  if (chunk === "VP8 ") return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
  if (chunk !== "VP8L") return undefined
  const bits = view.getUint32(21, true)
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) }
}

/** Walks the markers of a JPEG to its start-of-frame; photographs may carry long headers before it. */
function jpegSize(base64: string): Size | undefined {
  const bytes = decode(base64.slice(0, 174_764))
  const view = new DataView(bytes.buffer)
  let at = 2
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1]!
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) }
    at += 2 + view.getUint16(at + 2)
  }
  return undefined
}

export type PictureText = { readonly alt: string; readonly title?: string; readonly width?: string; readonly height?: string }

/** The picture in the page. A width that the author asked for scales the height with it. */
export function picture(found: Raster, said: PictureText): Markup {
  const asked = /^\d{1,4}(?:\.\d+)?(?:px)?$/.test(said.width ?? "") ? Number.parseFloat(said.width!) : undefined
  const scale = asked && found.width ? asked / found.width : 1
  const width = asked ?? found.width
  const height = found.height === undefined ? undefined : Math.round(found.height * scale)
  const place = width && height ? html` width="${Math.round(width)}" height="${height}"` : ""
  return html`<img src="${trusted(found.uri)}" alt="${said.alt.slice(0, 1000)}"${said.title ? html` title="${said.title}"` : ""}${place} decoding="async">`
}
