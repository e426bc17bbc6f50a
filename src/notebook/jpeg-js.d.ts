// The package describes its entry alone, which brings the encoder as well.
declare module "jpeg-js/lib/decoder.js" {
  type Limits = {
    readonly useTArray: true
    readonly formatAsRGBA: true
    readonly tolerantDecoding: boolean
    readonly maxResolutionInMP: number
    readonly maxMemoryUsageInMB: number
  }
  // biome-ignore lint/style/noDefaultExport: so the package has it
  export default function decode(bytes: Uint8Array, limits: Limits): { readonly width: number; readonly height: number; readonly data: Uint8Array }
}
