/** JSON of two runs, deep: what is generated anew each time is looked for by its name and by its look, numbers may be rounded otherwise. */
import { isList, isObject, type Json, type JsonObject, memberPath, NumberLexeme, own, StringSpan } from "#base/json.ts"
import { differs, isNear, isVolatile, quoted, quotedApart, SAME, type Said, type Terms, unknown } from "#notebook/compare/sameness.ts"
import { kindWords, mask, mayStandFor, type Names, type VolatileKind } from "#notebook/compare/volatile.ts"

// What libraries make up for each drawing: Plotly's uid, widgets' and Bokeh's ids; Altair counts its views and parameters.
const GENERATED = /^(?:uid|uuid|guid|model_id|docid|root_id|roots|element_?id|div_id)$/i
const COUNTED = /^(?:view|param|selector)_?\d{1,6}(?:_\w{1,40})?$/

type Looking = { readonly found: Set<VolatileKind>; readonly names: Names; readonly terms: Terms; readonly isChart: boolean }

export function compareStructures(before: Json, after: Json, { name, terms }: { readonly name: "chart" | "JSON"; readonly terms: Terms }): Said {
  const looking: Looking = { found: new Set(), names: new Map(), terms, isChart: name === "chart" }
  const apart = firstApart(before, after, { path: "", key: "" }, looking)
  if (apart === "span") return unknown(`The ${name} is too long to be looked into.`)
  if (apart !== undefined) return differs(`In the ${name}, ${apart}.`)
  return looking.found.size === 0 ? SAME : isVolatile(`It differs only in ${kindWords(looking.found)}.`)
}

/** Where two JSON values differ, as far as `most` of them; a value that is only on one side is undefined on the other. */
export type Place = { readonly path: string; readonly before: Json | undefined; readonly after: Json | undefined }

export function placesApart(before: Json, after: Json, { terms, isChart, most }: { terms: Terms; isChart: boolean; most: number }): readonly Place[] {
  const looking: Looking = { found: new Set(), names: new Map(), terms, isChart }
  const found: Place[] = []
  gather({ path: "", before, after }, { key: "", looking, most, found })
  return found
}

type Gathering = { readonly key: string; readonly looking: Looking; readonly most: number; readonly found: Place[] }

function gather(place: Place, gathering: Gathering): void {
  const { path, before, after } = place
  const { key, looking, most, found } = gathering
  if (found.length >= most) return
  if (before === undefined || after === undefined) found.push(place)
  else if (isList(before) && isList(after)) {
    for (let i = 0; i < Math.max(before.length, after.length); i++) gather({ path: `${path}[${i}]`, before: before[i], after: after[i] }, gathering)
  } else if (isObject(before) && isObject(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)]))
      gather({ path: memberPath(path, name), before: own(before, name), after: own(after, name) }, { ...gathering, key: name })
  } else if (!isLeafAlike(before, after, { path, key }, looking)) found.push(place)
}

type At = { readonly path: string; readonly key: string }

/** The first place where they differ, in words; undefined when there is none. */
function firstApart(before: Json, after: Json, at: At, looking: Looking): string | undefined {
  if (before instanceof StringSpan || after instanceof StringSpan) return "span"
  if (isList(before) && isList(after)) return listsApart(before, after, at, looking)
  if (isObject(before) && isObject(after)) return objectsApart(before, after, at, looking)
  if (isLeafAlike(before, after, at, looking)) return undefined
  if (typeof before === "string" && typeof after === "string") {
    const [was, is] = quotedApart(before, after)
    return `${at.path === "" ? "the text" : at.path} was ${was} and is ${is}`
  }
  return `${at.path === "" ? "the value" : at.path} was ${shown(before)} and is ${shown(after)}`
}

function listsApart(before: readonly Json[], after: readonly Json[], { path, key }: At, looking: Looking): string | undefined {
  if (before.length !== after.length) return `${path === "" ? "the list" : path} had ${before.length} items and has ${after.length}`
  for (const [i, item] of before.entries()) {
    const apart = firstApart(item, after[i] as Json, { path: `${path}[${i}]`, key }, looking)
    if (apart !== undefined) return apart
  }
  return undefined
}

function objectsApart(before: JsonObject, after: JsonObject, { path }: At, looking: Looking): string | undefined {
  for (const [key, item] of Object.entries(before)) {
    const other = own(after, key)
    const place = memberPath(path, key)
    if (other === undefined) return `${place} is no longer there`
    const apart = firstApart(item, other, { path: place, key }, looking)
    if (apart !== undefined) return apart
  }
  const [had, has] = [Object.keys(before), Object.keys(after)]
  if (has.length <= had.length) return undefined
  return `${memberPath(path, has.find((key) => !Object.hasOwn(before, key)) ?? "")} is new`
}

function isLeafAlike(before: Json, after: Json, { key }: At, looking: Looking): boolean {
  if (before === after) return true
  if (typeof before === "string" && typeof after === "string") return isTextAlike(before, after, key, looking)
  const [a, b] = [numberOf(before), numberOf(after)]
  if (a === undefined || b === undefined || !isNear(a, b, looking.terms.tolerance)) return false
  if (!Object.is(a, b)) looking.found.add("number")
  return true
}

function isTextAlike(before: string, after: string, key: string, looking: Looking): boolean {
  if (GENERATED.test(key) || (looking.isChart && COUNTED.test(before) && COUNTED.test(after))) {
    looking.found.add("id")
    return mayStandFor({ kind: "id", text: before }, { kind: "id", text: after }, looking)
  }
  const [left, right] = [mask(before), mask(after)]
  if (left.frame !== right.frame) return false
  return left.pieces.every((piece, at) => {
    if (piece.text !== right.pieces[at]?.text) looking.found.add(piece.kind)
    return mayStandFor(piece, right.pieces[at]!, looking)
  })
}

function numberOf(value: Json): number | undefined {
  return typeof value === "number" ? value : value instanceof NumberLexeme ? value.valueOf() : undefined
}

function shown(value: Json): string {
  if (typeof value === "string") return quoted(value)
  if (value instanceof NumberLexeme) return value.text
  if (isList(value)) return "a list"
  return isObject(value) ? "an object" : String(value)
}
