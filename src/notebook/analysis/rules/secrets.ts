/**
 * Secrets in the source. What carries its own proof (a checksum, a form that nothing else has) is told apart from what only looks
 * like one. The value itself is in no sentence.
 */
import { type Finding, type Fix, finding, type Rule, type SubjectCell } from "#notebook/analysis/findings.ts"
import type { Text } from "#notebook/analysis/names.ts"

type Shape = { readonly what: string; readonly pattern: RegExp; readonly proves?: (token: string) => boolean }

const SHAPES: readonly Shape[] = [
  { what: "a GitHub token", pattern: /\bgh[pousr]_[A-Za-z0-9]{36}\b/, proves: hasChecksum },
  { what: "a GitHub token", pattern: /\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b/ },
  { what: "an npm token", pattern: /\bnpm_[A-Za-z0-9]{36}\b/, proves: hasChecksum },
  { what: "an AWS access key", pattern: /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/ },
  { what: "a Google API key", pattern: /\bAIza[A-Za-z0-9_-]{35}(?![\w-])/ },
  { what: "a Slack token", pattern: /\bxox[abprs]-(?:\d{10,13}-){1,3}[A-Za-z0-9-]{20,}/ },
  { what: "a Slack address", pattern: /https:\/\/hooks\.slack\.com\/services\/T[A-Z0-9]{8,}\/B[A-Z0-9]{8,}\/[A-Za-z0-9]{24}/ },
  { what: "a Stripe key", pattern: /\b[rs]k_live_[A-Za-z0-9]{24,}\b/ },
  { what: "an Anthropic key", pattern: /\bsk-ant-(?:api|admin)\d{2}-[A-Za-z0-9_-]{80,}/ },
  { what: "an OpenAI key", pattern: /\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,}/ },
  { what: "a Hugging Face token", pattern: /\bhf_[A-Za-z]{34}\b/ },
  { what: "a GitLab token", pattern: /\bglpat-[A-Za-z0-9_-]{20}\b/ },
  { what: "a SendGrid key", pattern: /\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}/ },
  { what: "a PyPI token", pattern: /\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}/ },
  { what: "a Databricks token", pattern: /\bdapi[0-9a-f]{32}\b/ },
  { what: "a signed token (JWT)", pattern: /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}/ },
  { what: "a private key", pattern: /-----BEGIN (?:RSA |EC |OPENSSH |DSA |ENCRYPTED )?PRIVATE KEY-----\s*[A-Za-z0-9+/=\s]{64,}/ },
  { what: "an Azure storage key", pattern: /\bAccountKey=[A-Za-z0-9+/]{86}==/ },
]

/** The last six characters of the tokens of GitHub and npm are the CRC 32 of the thirty before them, in base 62. */
function hasChecksum(token: string): boolean {
  const body = token.slice(token.indexOf("_") + 1)
  return base62(crc32(body.slice(0, -6))).padStart(6, "0") === body.slice(-6)
}

function crc32(text: string): number {
  let crc = 0xffffffff
  for (let i = 0; i < text.length; i++) {
    crc ^= text.charCodeAt(i)
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

function base62(value: number): string {
  let text = ""
  for (let left = value; left > 0; left = Math.floor(left / 62)) text = (DIGITS[left % 62] ?? "") + text
  return text
}

const HOLDERS =
  /(?:^|_|-)(?:pass(?:word|wd|phrase)?|pwd|secret|token|api_?key|apikey|access_?key|secret_?key|auth_?key|private_?key|client_?secret|credentials?)(?:$|_|-|\d)|(?:Password|Secret|Token|ApiKey|AccessKey)$/i
const STAND_IN =
  /example|dummy|sample|placeholder|changeme|your[-_ ]|insert|replace|todo|xxx|\.\.\.|…|<[^>]*>|\{[^}]*\}|^\*+$|test|fake|redacted|^none$|^password$|^secret$|^token$/i
const WITH_PASSWORD = /\b[a-z][a-z0-9+]*:\/\/[^\s:/@]+:([^\s:/@]{3,})@[^\s/]+/i

export const secrets: Rule = ({ cells }) =>
  cells.flatMap((cell) => {
    const inTexts = cell.names.texts.flatMap((text) => secretIn(cell, text))
    // Shell lines, comments and cells in other languages are no texts of the syntax tree.
    const elsewhere =
      inTexts.length > 0
        ? []
        : shapesIn(cell.cell.source).map(({ shape, at, token }) => found(cell, { shape, token, span: { from: at, to: at + token.length } }))
    return [...inTexts, ...elsewhere]
  })

function secretIn(cell: SubjectCell, text: Text): Finding[] {
  const [known] = shapesIn(text.value)
  if (known) return [found(cell, { shape: known.shape, token: known.token, span: text, fix: fromEnvironment(cell, text) })]
  const password = WITH_PASSWORD.exec(text.value)?.[1]
  if (password !== undefined && !STAND_IN.test(password)) {
    return [guess(cell, text, "An address with a password stands in the source")]
  }
  if (!HOLDERS.test(text.holder) || !looksRandom(text.value)) return []
  return [guess(cell, text, `What is given to \`${text.holder}\` looks like a secret`)]
}

type Seen = { readonly shape: Shape; readonly at: number; readonly token: string }

function shapesIn(text: string): readonly Seen[] {
  return SHAPES.flatMap((shape) => {
    const match = shape.pattern.exec(text)
    return match && !isStandIn(match[0]) ? [{ shape, at: match.index, token: match[0] }] : []
  })
}

/** Documentation's own examples, and fillers of one letter or a run of digits. */
function isStandIn(token: string): boolean {
  return /EXAMPLE|example|xxxx|XXXX|0123456789|1234567890|abcdefgh/.test(token) || new Set(token.slice(8)).size < 6
}

type Found = {
  readonly shape: Shape
  readonly token: string
  readonly span: { readonly from: number; readonly to: number }
  readonly fix?: Fix | undefined
}

function found(cell: SubjectCell, { shape, token, span, fix }: Found): Finding {
  const isProven = shape.proves?.(token) ?? true
  const why = isProven
    ? `Here stands ${shape.what}; whoever can read the notebook has it.`
    : `Here stands what looks like ${shape.what}, with a checksum that does not fit.`
  return finding("secret", cell, { span, why, certainty: isProven ? "verified" : "guess", fix })
}

function guess(cell: SubjectCell, text: Text, said: string): Finding {
  return finding("secret", cell, {
    span: text,
    why: `${said}; whoever can read the notebook has it.`,
    certainty: "guess",
    fix: fromEnvironment(cell, text),
  })
}

/** Long enough, and more mixed than words are. */
function looksRandom(value: string): boolean {
  if (value.length < 6 || value.length > 500 || /\s/.test(value) || STAND_IN.test(value) || /^(?:https?:\/\/|\/|[A-Z_]+$)/.test(value)) return false
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(value)).length
  return value.length >= 16 ? entropy(value) >= 3.2 : kinds >= 2 && entropy(value) >= 2.2
}

/** Bits a character. */
function entropy(value: string): number {
  const counts = new Map<string, number>()
  for (const letter of value) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  return [...counts.values()].reduce((bits, count) => bits - (count / value.length) * Math.log2(count / value.length), 0)
}

/** Read when it runs, from a place that is not in the notebook. */
function fromEnvironment({ id, cell, names }: SubjectCell, text: Text): Fix | undefined {
  const isWhole = /^["']/.test(cell.source.slice(text.from, text.from + 1))
  if (!isWhole) return undefined
  const name = (text.holder || "secret").replace(/[^A-Za-z0-9]+/g, "_").toUpperCase()
  const hasOs = names.imports.some(({ module, as }) => module === "os" && as === "os")
  const read = { kind: "replace", cell: id, from: text.from, to: text.to, text: `os.environ["${name}"]` } as const
  const line = { kind: "replace", cell: id, from: 0, to: 0, text: "import os\n" } as const
  return { title: `Read it from the environment variable ${name}`, isSafe: false, edits: hasOs ? [read] : [read, line] }
}
