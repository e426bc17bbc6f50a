/**
 * JSON without loss: what was read and not touched is written back with the same content, to the last digit,
 * in the form that Python's `json.dumps(indent=1, sort_keys=True, ensure_ascii=False, separators=(",", ": "))` gives.
 *
 * Two things JavaScript's own values cannot hold get a class each: a number whose spelling would change
 * (`1.0`, `1e-7`, 2^70, `NaN`), and a very long string that is left as bytes where it stands.
 *
 * Objects are ordinary ones, with `__proto__` as an own key where the text has it: look up names that come from
 * outside with `own`, and build objects by spread or Object.fromEntries, never by `object[name] = …`.
 */
export { type BadJson, type Most, type ParseOptions, parse } from "#base/json-parse.ts"
export {
  equal,
  fromPlain,
  isList,
  isObject,
  isWellFormed,
  type Json,
  type JsonObject,
  loneSurrogateIn,
  memberPath,
  NumberLexeme,
  own,
  plain,
  StringSpan,
  toWellFormed,
} from "#base/json-value.ts"
export { write, writeAt } from "#base/json-write.ts"
