/**
 * The spellings in which a secret comes up by accident: printed as it is or by its repr, inside JSON, HTML, a shell's line or an
 * address, in base 64 (also as a part of something longer, as in an Authorization header), in hexadecimal; a key of several
 * lines line by line.
 */
const ENCODER = new TextEncoder()

/** Lines of a secret, and what base 64 holds of it within other bytes, are looked for from this length on. */
const TELLING = 8
/** A secret of more lines is looked for only as a whole. */
const MOST_LINES = 200

/** Every text that stands for the secret, in what is printed and in the JSON of a message that carries it. */
export function formsOf(secret: string): readonly string[] {
  const lines = secret.split(/[\r\n]+/).flatMap((line) => (line.trim().length >= TELLING ? [line, line.trim()] : []))
  const printed = [secret, ...new Set(lines.length <= 2 * MOST_LINES ? lines : [])].flatMap(printedForms)
  return [...new Set([...printed, ...printed.map(jsonText), ...printed.map((text) => ascii(jsonText(text), "json"))])]
}

function printedForms(secret: string): readonly string[] {
  const bytes = ENCODER.encode(secret)
  const json = jsonText(secret)
  return [
    secret,
    json,
    ascii(json, "json"),
    jsonText(json),
    ...pythonForms(secret, bytes),
    ...shellForms(secret),
    ...htmlForms(secret),
    ...webForms(secret, bytes),
    ...encoded(bytes),
  ]
}

function jsonText(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

/** Escapes what is not ASCII as JSON does, by halves of a pair, or as Python does, by characters. */
function ascii(text: string, as: "json" | "python"): string {
  const hex = (code: number, digits: number) => code.toString(16).padStart(digits, "0")
  if (as === "json") return text.replace(/[^\x20-\x7e]/g, (unit) => `\\u${hex(unit.charCodeAt(0), 4)}`)
  return text.replace(/[^\x20-\x7e]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0
    return code < 0x100 ? `\\x${hex(code, 2)}` : code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`
  })
}

/** What repr(), ascii() and the repr of the bytes write between their quotes. */
function pythonForms(secret: string, bytes: Uint8Array): readonly string[] {
  const octets = octetsOf(bytes)
  const [text, plain, raw] = [escapedAsPython(secret), ascii(escapedAsPython(secret), "python"), ascii(escapedAsPython(octets), "python")]
  const all = [text.replace(/[\x00-\x1f\x7f-\xa0\xad]/g, (unit) => ascii(unit, "python")), plain, raw]
  return [...all, ...all.map((form) => form.replaceAll("'", "\\'"))]
}

function escapedAsPython(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t")
}

function shellForms(secret: string): readonly string[] {
  return [secret.replaceAll("'", "'\\''"), secret.replaceAll("'", `'"'"'`), secret.replace(/["\\$`]/g, "\\$&")]
}

function htmlForms(secret: string): readonly string[] {
  const text = secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
  const quoted = (double: string, single: string) => text.replaceAll('"', double).replaceAll("'", single)
  return [text, quoted("&quot;", "'"), quoted("&quot;", "&#x27;"), quoted("&#34;", "&#39;"), quoted("&quot;", "&#39;")]
}

/** encodeURIComponent's, and Python's quote() with and without the slash and quote_plus(). */
function webForms(secret: string, bytes: Uint8Array): readonly string[] {
  const percent = (kept: RegExp) =>
    Array.from(bytes, (byte) =>
      kept.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
    ).join("")
  const bare = percent(/[\w.~-]/)
  return [percent(/[\w.~!*'()-]/), percent(/[\w.~/-]/), bare, bare.replaceAll("%20", "+"), encodeURI(secret.toWellFormed())]
}

function encoded(bytes: Uint8Array): readonly string[] {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
  const whole = base64(bytes).replace(/=+$/, "")
  const within = bytes.length < TELLING ? [] : [0, 1, 2].map((before) => base64Within(bytes, before))
  const texts = [whole, ...within]
  return [hex, hex.toUpperCase(), ...texts, ...texts.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"))]
}

/** The digits that are the secret's alone when so many bytes (0 to 2) of its first group of three are another's. */
function base64Within(bytes: Uint8Array, before: number): string {
  const text = base64(new Uint8Array([...new Uint8Array(before), ...bytes]))
  return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6))
}

function base64(bytes: Uint8Array): string {
  return btoa(octetsOf(bytes))
}

/** One character for each byte. */
function octetsOf(bytes: Uint8Array): string {
  let text = ""
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096))
  return text
}
