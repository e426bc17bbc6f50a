/** The door for the web app: how terminal text, formulas and pictures are read, without the markup of a page. */
export { paletteColour, settle } from "#page/ansi.ts"
export { type Found, LARGEST, type Macros, withMath, withoutEqnarray } from "#page/math.ts"
export { isRaster, type Raster, raster, rasterOfUri } from "#page/raster.ts"
export { colour, type SaidStyle, saidStyle } from "#page/said-style.ts"
