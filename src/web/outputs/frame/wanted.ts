/** Which addresses an output would load from. Pure. */

/** The host of an address on the network; undefined for what is in the page or nowhere. */
export function hostOf(address: string): string | undefined {
  if (!/^\s*(?:https?:)?\/\//i.test(address)) return undefined
  try {
    const { host } = new URL(address.trim(), "https://frame.invalid")
    return host.endsWith(".invalid") ? undefined : host
  } catch {
    return undefined
  }
}

/** Imports of a module script from the network: `import { x } from "https://…"`, `import("https://…")`. */
export function importsOf(code: string): readonly string[] {
  const found = [...code.matchAll(/\b(?:import|from)\s*\(?\s*["']((?:https?:)?\/\/[^"'\s]+)["']/g)]
  return [...new Set(found.map((match) => match[1] ?? ""))]
}
