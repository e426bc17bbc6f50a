/** The built web app, as `scripts/web.mjs` left it: one page, and assets whose names say what is in them. */
import { readdir, readFile, stat } from "node:fs/promises"
import { join } from "node:path"

/** What stands in the built page where every answer has a nonce of its own; vite.config.ts names it as well. */
const NONCE = /__stet_nonce__/gu

export type Asset = { readonly bytes: Uint8Array; readonly mediaType: string; readonly encoding: "br" | "gzip" | undefined }

export type AppBuild = {
  /** The page with this nonce in it, naming what `screen` (a module below src/web) is made of; undefined when the app was never built. */
  page(nonce: string, screen?: string): Promise<string | undefined>
  /** Packed as the asker takes it, if it was packed. Undefined: there is none of this name. */
  asset(name: string, accepted: string): Promise<Asset | undefined>
  /** Style rules that bring the app's fonts to a page of the server's own; "" when the app was never built. */
  fonts(): Promise<string>
}

export function openBuild(folder: string | undefined): AppBuild {
  const assets = new Map<string, Promise<Uint8Array | undefined>>()
  let template: { readonly madeAt: number; readonly text: string; readonly parts: Parts } | undefined
  const read = async (name: string) => {
    const reading = assets.get(name) ?? readFile(join(folder ?? "", "assets", name)).catch(() => undefined)
    assets.set(name, reading)
    // What is not there now may be there after the next build.
    if ((await reading) === undefined) assets.delete(name)
    return reading
  }
  return {
    async page(nonce, screen) {
      const file = join(folder ?? "", "index.html")
      const found = folder === undefined ? undefined : await stat(file).catch(() => undefined)
      if (!found) return undefined
      if (template?.madeAt !== found.mtimeMs) {
        const [text, parts] = await Promise.all([readFile(file, "utf8"), readParts(join(folder ?? "", ".vite", "manifest.json"))])
        template = { madeAt: found.mtimeMs, text, parts }
      }
      return template.text.replace("<head>", `<head>${linksTo(template.parts, screen)}`).replace(NONCE, nonce)
    },
    async asset(name, accepted) {
      const mediaType = folder === undefined || !/^[A-Za-z0-9_.-]+$/u.test(name) ? undefined : mediaTypeOf(name)
      if (mediaType === undefined) return undefined
      for (const [encoding, suffix] of PACKED) {
        const packed = isAccepted(accepted, encoding) ? await read(`${name}.${suffix}`) : undefined
        if (packed) return { bytes: packed, mediaType, encoding }
      }
      const bytes = await read(name)
      return bytes && { bytes, mediaType, encoding: undefined }
    },
    async fonts() {
      const names = folder === undefined ? [] : await readdir(join(folder, "assets")).catch(() => [])
      return FONTS.map(([family, kind]) =>
        fontRule(
          family,
          names.find((name) => name.startsWith(kind) && name.endsWith(".woff2")),
        ),
      ).join("")
    },
  }
}

/** What the builder says of each module that it made a file of. */
type Parts = Readonly<Record<string, { readonly file: string; readonly imports?: readonly string[]; readonly css?: readonly string[] } | undefined>>

async function readParts(file: string): Promise<Parts> {
  const text = await readFile(file, "utf8").catch(() => "{}")
  return JSON.parse(text) as Parts
}

/**
 * Everything that a screen is made of, before the page's own script asks for the first of it. Not as rel="modulepreload": what
 * Chromium fetches as a module it compiles anew at every visit, what it fetches as a script it takes from its cache of compiled code.
 */
function linksTo(parts: Parts, screen: string | undefined): string {
  const needed = [...closureOf(parts, screen ?? "", closureOf(parts, "index.html"))].map((key) => parts[key])
  const scripts = needed.map((part) => `<link rel="preload" as="script" crossorigin nonce="__stet_nonce__" href="/${part?.file}">`)
  const sheets = needed.flatMap((part) => part?.css ?? []).map((file) => `<link rel="preload" as="style" crossorigin href="/${file}">`)
  return [...new Set(sheets), ...scripts].join("")
}

function closureOf(parts: Parts, key: string, known = new Set<string>()): Set<string> {
  if (known.has(key) || !parts[key]) return known
  known.add(key)
  for (const each of parts[key].imports ?? []) closureOf(parts, each, known)
  return known
}

const FONTS = [
  ["Inter Variable", "inter-latin-wght-normal-"],
  ["Source Serif 4 Variable", "source-serif-4-latin-wght-normal-"],
] as const

function fontRule(family: string, file: string | undefined): string {
  if (file === undefined || !/^[A-Za-z0-9_.-]+$/u.test(file)) return ""
  return `@font-face{font-family:"${family}";font-weight:200 900;font-display:swap;src:url(/assets/${file}) format("woff2")}`
}

const PACKED = [
  ["br", "br"],
  ["gzip", "gz"],
] as const

/** Whether an Accept-Encoding names it, and not with the weight of nothing. */
function isAccepted(accepted: string, encoding: string): boolean {
  return accepted.split(",").some((part) => {
    const [name = "", ...weights] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/u)
    return name === encoding && !weights.some((weight) => /^q=0(\.0*)?$/u.test(weight))
  })
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  woff2: "font/woff2",
  woff: "font/woff",
  ttf: "font/ttf",
  png: "image/png",
  json: "application/json; charset=utf-8",
  wasm: "application/wasm",
}

/** Undefined for what is no asset. */
function mediaTypeOf(name: string): string | undefined {
  const ending = name.slice(name.lastIndexOf(".") + 1)
  return Object.hasOwn(MEDIA_TYPES, ending) ? MEDIA_TYPES[ending] : undefined
}
