/** The headers of every answer, by what it is. Pure. */

export type HeaderKind =
  /** JSON of the API, and problems. */
  | "api"
  /** A page of Stet's own, made on the server. */
  | "page"
  /** Bytes that people or their code made: they never act on this origin, whatever they hold. */
  | "content"
  /** A notebook or result as the page room draws it: self-contained, its own policy inside, in an origin of its own. */
  | "drawn"

export type Secured = { readonly kind: HeaderKind; readonly https: boolean; readonly nonce?: string }

const ALWAYS = {
  "x-content-type-options": "nosniff",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy":
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), payment=(), usb=(), clipboard-read=(), publickey-credentials-get=()",
  "x-frame-options": "DENY",
  "x-robots-tag": "noindex",
} as const

export function securityHeaders({ kind, https, nonce }: Secured): Readonly<Record<string, string>> {
  return {
    ...ALWAYS,
    // A form of a page that sends no referrer is sent as from nowhere (Origin: null), and would be refused as foreign.
    "referrer-policy": kind === "page" ? "same-origin" : "no-referrer",
    "content-security-policy": policyFor(kind, nonce),
    ...(https ? { "strict-transport-security": "max-age=31536000" } : {}),
    "cache-control": "no-store",
  }
}

function policyFor(kind: HeaderKind, nonce: string | undefined): string {
  switch (kind) {
    case "api":
      return "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    case "content":
      return "sandbox; default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    case "drawn":
      // Without allow-same-origin the page has an origin of its own: no cookie, no API, whatever gets past its own policy. That one
      // is in the page; a script-src or default-src here would be inherited by its frames as well.
      return "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox; frame-ancestors 'none'"
    case "page":
      return `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'`
  }
}
