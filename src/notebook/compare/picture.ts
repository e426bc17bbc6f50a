/** Pictures by their pixels: what a file says beside them (when it was written, by what) is no difference. */
import { jpegPixels } from "#notebook/compare/jpeg.ts"
import { type Picture, pixelsOf } from "#notebook/compare/png.ts"
import { differs, isVolatile, SAME, type Said, type Tolerance, unknown } from "#notebook/compare/sameness.ts"

type Kind = { readonly name: string; readonly pixels: (bytes: Uint8Array) => Picture | undefined }

const KINDS: ReadonlyMap<string, Kind> = new Map([
  ["image/png", { name: "PNG", pixels: pixelsOf }],
  ["image/jpeg", { name: "JPEG", pixels: jpegPixels }],
])

/** Both in base64, of this media type. */
export function comparePictures(before: string, after: string, { type, tolerance }: { readonly type: string; readonly tolerance: Tolerance }): Said {
  const [left, right] = [packed(before), packed(after)]
  if (left === right) return SAME
  const kind = KINDS.get(type)
  if (!kind) return unknown(`The pictures were compared by their bytes, which differ: pixels of ${type} are not looked at.`)
  const [had, has] = [pictureOf(left, kind), pictureOf(right, kind)]
  if (!had || !has) return unknown(`The picture is no ${kind.name} that can be read, or too large to be compared.`)
  return comparePixels(had, has, tolerance)
}

function packed(base64: string): string {
  return /\s/.test(base64) ? base64.replace(/\s+/g, "") : base64
}

function pictureOf(base64: string, { pixels }: Kind): Picture | undefined {
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined
  const binary = atob(base64)
  const bytes = new Uint8Array(binary.length)
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at)
  return pixels(bytes)
}

function comparePixels(before: Picture, after: Picture, { channel, pixels }: Tolerance): Said {
  const sizeOf = ({ width, height }: Picture) => `${width} × ${height}`
  if (sizeOf(before) !== sizeOf(after)) return differs(`The picture was ${sizeOf(before)} pixels and is ${sizeOf(after)}.`)
  let [most, apart] = [0, 0]
  for (let at = 0; at < before.rgba.length; at += 4) {
    const distance = distanceAt(before.rgba, after.rgba, at)
    if (distance > most) most = distance
    if (distance > channel) apart++
  }
  if (most === 0) return SAME
  const all = before.width * before.height
  if (apart > pixels * all) return differs(`${shareWords(apart, all)} of the picture's pixels differ.`)
  return isVolatile(
    apart === 0 ? `The picture's colours differ by at most ${most} of 255.` : `Only ${shareWords(apart, all)} of the picture's pixels differ.`,
  )
}

/** The most by which a channel differs, as both would look on white. */
function distanceAt(before: Uint8Array, after: Uint8Array, at: number): number {
  const [alphaBefore, alphaAfter] = [before[at + 3]!, after[at + 3]!]
  let most = 0
  for (let channel = at; channel < at + 3; channel++) {
    const distance = Math.abs(onWhite(before[channel]!, alphaBefore) - onWhite(after[channel]!, alphaAfter))
    if (distance > most) most = distance
  }
  return Math.round(most)
}

function onWhite(value: number, alpha: number): number {
  return alpha === 255 ? value : 255 + ((value - 255) * alpha) / 255
}

function shareWords(part: number, whole: number): string {
  const percent = (part / whole) * 100
  return percent < 0.01 ? `${part}` : `${percent < 1 ? percent.toFixed(2) : percent.toFixed(0)} %`
}
