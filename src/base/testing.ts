/** The test vocabulary of JSON, and of what work costs. */
import fc from "fast-check"
import { type Json, NumberLexeme, type ParseOptions, parse, write } from "#base/json.ts"

export const utf8 = new TextEncoder()

/** The value, or the refusal as an error. */
export function read(source: string | Uint8Array, options?: ParseOptions): Json {
  const outcome = parse(source, options)
  if (!outcome.ok) throw new Error(outcome.refusal.message)
  return outcome.value
}

/** Why it is refused; the message always names the place. */
export function complaint(source: string | Uint8Array, options?: ParseOptions): string {
  const outcome = parse(source, options)
  if (outcome.ok) throw new Error(`was read as ${write(outcome.value)}`)
  const place = `line ${outcome.refusal.line}, column ${outcome.refusal.column}: `
  if (!outcome.refusal.message.startsWith(place)) throw new Error(`the message does not name the place: ${outcome.refusal.message}`)
  return outcome.refusal.message
}

const texts = fc.oneof(
  fc.string(),
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.constantFrom("__proto__", "constructor", "10", "2", "\u2028\u0085\u007f"),
)
const lexemes = fc
  .constantFrom("1.0", "1e-7", "-0", "1E5", "1180591620717411303424", "9007199254740993", "NaN", "Infinity", "-Infinity", "1e400", "0.10")
  .map((text) => new NumberLexeme(text))
const numbers = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Number.isInteger(n) || Number.isSafeInteger(n)),
)
/** Any Json: every kind of number, awkward keys, every sort of text. */
export const { values } = fc.letrec<{ values: Json; objects: Json }>((tie) => ({
  values: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(null, true, false),
    numbers,
    lexemes,
    texts,
    fc.array(tie("values"), { maxLength: 4 }),
    tie("objects"),
  ),
  objects: fc.array(fc.tuple(texts, tie("values")), { maxLength: 5 }).map((entries) => Object.fromEntries(entries) as Json),
}))

/** Milliseconds of the processor that this thread has spent since: what hangs on the code alone, and not on who else uses the machine. */
export function stopwatch(): () => number {
  const began = process.threadCpuUsage()
  return () => {
    const { user, system } = process.threadCpuUsage(began)
    return (user + system) / 1000
  }
}
