/** The headers of every answer, by what it is. Pure. */

export type HeaderKind =
  /** JSON of the API, and problems. */
  | "api"
  /** A page of Stet's own, made on the server. */
  | "page"
  /** The web app: one page for every screen, with scripts of its own build alone. */
  | "app"
  /** A script, style or font of that build: the same for everybody and for ever, under a name made of its digest. */
  | "asset"
  /** Bytes that people or their code made: they never act on this origin, whatever they hold. */
  | "content"
  /** A notebook or result as the page room draws it: self-contained, its own policy inside, in an origin of its own. */
  | "drawn"

export type Secured = { readonly kind: HeaderKind; readonly https: boolean; readonly nonce?: string | undefined }
type Headers = Readonly<Record<string, string>>

const ALWAYS = {
  "x-content-type-options": "nosniff",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy":
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), payment=(), usb=(), clipboard-read=(), publickey-credentials-get=()",
  "x-frame-options": "DENY",
  "x-robots-tag": "noindex",
} as const

export function securityHeaders({ kind, https, nonce }: Secured): Headers {
  const fixed = nonce === undefined ? FIXED[https ? "https" : "http"].get(kind) : undefined
  return fixed ?? headersOf({ kind, https, nonce })
}

function headersOf({ kind, https, nonce }: Secured): Headers {
  return {
    ...ALWAYS,
    // A form of a page that sends no referrer is sent as from nowhere (Origin: null), and would be refused as foreign.
    "referrer-policy": kind === "page" || kind === "app" ? "same-origin" : "no-referrer",
    "content-security-policy": policyFor(kind, nonce),
    ...(https ? { "strict-transport-security": "max-age=31536000" } : {}),
    "cache-control": kind === "asset" ? "public, max-age=31536000, immutable" : "no-store",
  }
}

// Markup is only made by the policies named here: the app's own ("default": text without a tag), that of the outputs ("stet": what is
// parsed aside and cleaned), and the sanitiser's.
const APP_POLICY = [
  "default-src 'none'",
  "font-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' data: blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "frame-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types default stet dompurify",
].join("; ")

function policyFor(kind: HeaderKind, nonce: string | undefined): string {
  switch (kind) {
    case "api":
    case "asset":
      return "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    case "content":
      return "sandbox; default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    case "drawn":
      // Without allow-same-origin the page has an origin of its own: no cookie, no API, whatever gets past its own policy. That one
      // is in the page; a script-src or default-src here would be inherited by its frames as well.
      return "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox; frame-ancestors 'none'"
    case "app":
      return `${APP_POLICY}; script-src 'nonce-${nonce}' 'strict-dynamic'; style-src 'self' 'nonce-${nonce}'`
    case "page":
      return `default-src 'none'; style-src 'nonce-${nonce}'; font-src 'self'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'`
  }
}

/** What no nonce goes into: made once, and not for each answer. */
const FIXED = { http: fixed(false), https: fixed(true) }

function fixed(https: boolean): ReadonlyMap<HeaderKind, Headers> {
  return new Map((["api", "asset", "content", "drawn"] as const).map((kind) => [kind, headersOf({ kind, https })]))
}
