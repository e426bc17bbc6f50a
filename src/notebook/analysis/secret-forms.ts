/**
 * What is known as a secret by its form. What carries its own proof (a checksum, a form that nothing else has) is told apart from
 * what only looks like one.
 */
import { checksum62 } from "#base/base62.ts"

type Shape = { readonly what: string; readonly pattern: RegExp; readonly proves?: (token: string) => boolean }

/** `isProven`: by its own check digits, or by a form that nothing else has. */
export type KnownSecret = { readonly what: string; readonly isProven: boolean; readonly from: number; readonly to: number }

// Each part that repeats is bounded: texts that begin like one again and again would else be read to their end from each beginning.
const SHAPES: readonly Shape[] = [
  { what: "a GitHub token", pattern: /\bgh[pousr]_[A-Za-z0-9]{36}\b/g, proves: hasChecksum },
  { what: "a GitHub token", pattern: /\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b/g },
  { what: "an npm token", pattern: /\bnpm_[A-Za-z0-9]{36}\b/g, proves: hasChecksum },
  { what: "an AWS access key", pattern: /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g },
  { what: "a Google API key", pattern: /\bAIza[A-Za-z0-9_-]{35}(?![\w-])/g },
  { what: "a Slack token", pattern: /\bxox[abprs]-(?:\d{10,13}-){1,3}[A-Za-z0-9-]{20,}/g },
  { what: "a Slack address", pattern: /https:\/\/hooks\.slack\.com\/services\/T[A-Z0-9]{8,}\/B[A-Z0-9]{8,}\/[A-Za-z0-9]{24}/g },
  { what: "a Stripe key", pattern: /\b[rs]k_live_[A-Za-z0-9]{24,}\b/g },
  { what: "an Anthropic key", pattern: /\bsk-ant-(?:api|admin)\d{2}-[A-Za-z0-9_-]{80,}/g },
  { what: "an OpenAI key", pattern: /\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,200}T3BlbkFJ[A-Za-z0-9_-]{20,}/g },
  { what: "a Hugging Face token", pattern: /\bhf_[A-Za-z]{34}\b/g },
  { what: "a GitLab token", pattern: /\bglpat-[A-Za-z0-9_-]{20}\b/g },
  { what: "a SendGrid key", pattern: /\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}/g },
  { what: "a PyPI token", pattern: /\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}/g },
  { what: "a Databricks token", pattern: /\bdapi[0-9a-f]{32}\b/g },
  { what: "a signed token (JWT)", pattern: /\beyJ[A-Za-z0-9_-]{10,4000}\.eyJ[A-Za-z0-9_-]{10,8000}\.[A-Za-z0-9_-]{20,}/g },
  { what: "a private key", pattern: /-----BEGIN (?:RSA |EC |OPENSSH |DSA |ENCRYPTED )?PRIVATE KEY-----\s*[A-Za-z0-9+/=\s]{64,}/g },
  { what: "an Azure storage key", pattern: /\bAccountKey=[A-Za-z0-9+/]{86}==/g },
]

/** The last six characters of the tokens of GitHub and npm are the CRC 32 of the thirty before them, in base 62. */
function hasChecksum(token: string): boolean {
  const body = token.slice(token.indexOf("_") + 1)
  return checksum62(body.slice(0, -6)) === body.slice(-6)
}

// What any of them has in it: most texts have none of these, and are looked at once instead of eighteen times.
const TRACE = /gh[pousr]_|github_pat_|npm_|A[KS]IA|AIza|xox[abprs]-|hooks\.slack|k_live_|sk-|hf_|glpat-|SG\.|pypi-Ag|dapi|eyJ|PRIVATE KEY|AccountKey=/

/** Every one in the text, each with its place; what documentation shows as an example is none. */
export function knownSecrets(text: string): readonly KnownSecret[] {
  if (!TRACE.test(text)) return []
  return SHAPES.flatMap(({ what, pattern, proves }) =>
    Array.from(text.matchAll(pattern)).flatMap(({ 0: token, index }) =>
      isStandIn(token) ? [] : [{ what, isProven: proves?.(token) ?? true, from: index, to: index + token.length }],
    ),
  )
}

/** Documentation's own examples (jwt.io's, too), and fillers of one letter or a run of digits. */
function isStandIn(token: string): boolean {
  return /EXAMPLE|example|xxxx|XXXX|0123456789|1234567890|abcdefgh|eyJzdWIiOiIxMjM0NTY3ODkw/.test(token) || new Set(token.slice(8)).size < 6
}
