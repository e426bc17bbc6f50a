/**
 * What the browser may be given as markup. The page's policy refuses text wherever it would be parsed (Trusted Types), so that
 * nothing of anybody else's becomes an element by mistake. Whoever sanitises has a policy of its own (DOMPurify's "dompurify").
 */

/** Text without a tag in it makes no element, whatever it is put into: Mantine writes its style sheets so. All else is refused. */
function plainOnly(text: string): string {
  if (text.includes("<")) throw new TypeError("Markup is not taken as text here: sanitise it first.")
  return text
}

/** A script of this very build; nothing else is ever loaded by an address. */
function ownScript(address: string): string {
  const url = new URL(address, document.baseURI)
  if (url.origin !== globalThis.location.origin || !url.pathname.startsWith("/assets/")) throw new TypeError(`${address} is no script of this app.`)
  return url.href
}

type Rules = { readonly createHTML: (text: string) => string; readonly createScriptURL: (address: string) => string }
type Factory = { createPolicy(name: string, rules: Rules): unknown }

/** Once, before anything is drawn. */
export function holdToTrustedTypes(): void {
  const factory = (globalThis as unknown as { readonly trustedTypes?: Factory }).trustedTypes
  factory?.createPolicy("default", { createHTML: plainOnly, createScriptURL: ownScript })
}

/** The nonce of this page, for styles that are made while it is open (CodeMirror's `EditorView.cspNonce`, `<style nonce>`). */
export function cspNonce(): string {
  return document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? ""
}
