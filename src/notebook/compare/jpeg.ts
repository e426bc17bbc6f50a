/**
 * The pixels of a JPEG (ITU-T T.81): baseline and progressive, grey, colour and CMYK. `jpeg-js` reads it; what it does not bound itself is
 * bounded here, because a picture comes from whoever wrote the notebook: how much it may unpack to, and how often that may be gone over.
 */
import decode from "jpeg-js/lib/decoder.js"
import type { Picture } from "#notebook/compare/png.ts"

// Measured: some 55 bytes a pixel while it is read, and a second for a million pixels of noise, which nothing takes longer than.
const LIMITS = { useTArray: true, formatAsRGBA: true, tolerantDecoding: false, maxResolutionInMP: 4, maxMemoryUsageInMB: 128 } as const

/** Programs write ten or so for a progressive picture. Each may go over all of it, however few bytes it has. */
const MOST_SCANS = 40

/** Undefined for what is no JPEG, is broken, or is larger than is looked at. */
export function jpegPixels(bytes: Uint8Array): Picture | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8 || scansIn(bytes) > MOST_SCANS) return undefined
  try {
    const { width, height, data } = decode(bytes, LIMITS)
    return { width, height, rgba: data }
  } catch {
    // It has no other word for what it cannot read.
    return undefined
  }
}

function scansIn(bytes: Uint8Array): number {
  let scans = 0
  for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1)) if (bytes[at + 1] === 0xda) scans++
  return scans
}
