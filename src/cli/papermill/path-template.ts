/**
 * Paths with parameters in them, as papermill fills them in: Python's `str.format`, so `{region}`, `{day:03d}`,
 * `{config[name]}`, `{pm[run_uuid]}`, `{pm[current_datetime_utc]:%Y-%m-%d}`; `{{` and `}}` are braces.
 */
import { isList, isObject, type Json, own } from "#base/json.ts"
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import { type Moment, momentText, strftime } from "#cli/papermill/moment.ts"
import type { NamedValue } from "#cli/papermill/parameters.ts"
import { format } from "#cli/papermill/python-format.ts"
import { ascii, repr, str } from "#cli/papermill/python-values.ts"

/** What papermill itself adds under the name `pm`. */
export type BuiltIns = {
  readonly runUuid: string
  readonly utc: Moment
  readonly local: Moment
}

/** Papermill ends with exit code 1 here. `message` is a sentence that names the path. */
export type BadPathTemplate = { readonly refused: "bad_path_template"; readonly message: string }

export function fillPath(path: string, parameters: readonly NamedValue[], builtIns: BuiltIns): Outcome<string, BadPathTemplate> {
  const values = new Map<string, Thing>([["pm", builtInThing(builtIns)]])
  for (const { name, value } of parameters) values.set(name, { is: "value", value })
  const filled = fill(path, values, 2)
  return filled.ok ? filled : refused({ refused: "bad_path_template", message: `The path "${path}" cannot be filled in: ${filled.refusal}.` })
}

type Thing =
  | { readonly is: "value"; readonly value: Json }
  | { readonly is: "moment"; readonly moment: Moment }
  | { readonly is: "things"; readonly things: ReadonlyMap<string, Thing> }

type Filled = Outcome<string, string>

function builtInThing({ runUuid, utc, local }: BuiltIns): Thing {
  const things = new Map<string, Thing>([
    ["run_uuid", { is: "value", value: runUuid }],
    ["current_datetime_local", { is: "moment", moment: local }],
    ["current_datetime_utc", { is: "moment", moment: utc }],
  ])
  return { is: "things", things }
}

/** `depth` is how many levels of fields are allowed: one in the text, one more inside a format. */
function fill(text: string, values: ReadonlyMap<string, Thing>, depth: number): Filled {
  let filled = ""
  for (let at = 0; at < text.length; ) {
    const char = text[at]
    if ((char === "{" || char === "}") && text[at + 1] === char) {
      filled += char
      at += 2
    } else if (char === "}") {
      return refused("a } stands alone; a brace that belongs to the name is written }}")
    } else if (char === "{") {
      if (depth === 0) return refused("its fields are nested too deep")
      const end = endOfField(text, at + 1)
      if (end === undefined) return refused("a { is not closed; a brace that belongs to the name is written {{")
      const field = fillField(text.slice(at + 1, end), values, depth)
      if (!field.ok) return field
      filled += field.value
      at = end + 1
    } else {
      filled += char
      at++
    }
  }
  return accepted(filled)
}

/** Where the } of the field stands that begins at `from`. Braces nest, and inside [ ] they are ordinary. */
function endOfField(text: string, from: number): number | undefined {
  let open = 1
  let inIndex = false
  for (let at = from; at < text.length; at++) {
    const char = text[at]
    if (char === "[") inIndex = true
    else if (char === "]") inIndex = false
    else if (inIndex) continue
    else if (char === "{") open++
    else if (char === "}" && --open === 0) return at
  }
  return undefined
}

function fillField(field: string, values: ReadonlyMap<string, Thing>, depth: number): Filled {
  const [, reference = "", conversion, spec = ""] = /^((?:[^[!:]|\[[^\]]*\])*)(?:!([^:]*))?(?::(.*))?$/s.exec(field) ?? []
  if (reference === "" || /^\d+(?![^.[])/.test(reference)) return refused(`{${field}} has no parameter's name in it`)
  if (/[{}]/.test(reference.replaceAll(/\[[^\]]*\]/g, ""))) return refused(`{${field}} has a brace in its name`)
  const found = lookUp(reference, values)
  if (!found.ok) return found
  const filledSpec = fill(spec, values, depth - 1)
  if (!filledSpec.ok) return filledSpec
  const thing = convert(found.value, conversion)
  if (!thing) return refused(`{${field}} has an unknown conversion; !s, !r and !a are known`)
  const written = write(thing, filledSpec.value)
  return written.ok ? written : refused(`{${field}}: ${written.refusal}`)
}

function lookUp(reference: string, values: ReadonlyMap<string, Thing>): Outcome<Thing, string> {
  const [, name = "", steps = ""] = /^([^.[]*)(.*)$/s.exec(reference) ?? []
  let thing = values.get(name)
  if (!thing) return refused(`there is no parameter '${name}'`)
  let soFar = name
  for (const [whole, attribute, index] of steps.matchAll(/\.([^.[]*)|\[([^\]]*)\]|./gs)) {
    const next: Thing | undefined = attribute !== undefined ? attributeOf(thing, attribute) : index === undefined ? undefined : itemOf(thing, index)
    soFar += whole
    if (!next) return refused(`there is no '${soFar}'`)
    thing = next
  }
  return accepted(thing)
}

const PARTS = ["year", "month", "day", "hour", "minute", "second", "microsecond"] as const

/** Of everything a Python value has, only the parts of a time make sense in a path. */
function attributeOf(thing: Thing, name: string): Thing | undefined {
  const part = PARTS.find((one) => one === name)
  return thing.is === "moment" && part ? { is: "value", value: thing.moment[part] } : undefined
}

function itemOf(thing: Thing, index: string): Thing | undefined {
  if (thing.is === "things") return thing.things.get(index)
  if (thing.is === "moment") return undefined
  const { value } = thing
  const item = isObject(value) ? own(value, index) : itemAt(value, index)
  return item === undefined ? undefined : { is: "value", value: item }
}

function itemAt(value: Json, index: string): Json | undefined {
  if (!/^\d+$/.test(index)) return undefined
  if (typeof value === "string") return [...value][Number(index)]
  return isList(value) ? value[Number(index)] : undefined
}

function convert(thing: Thing, conversion: string | undefined): Thing | undefined {
  if (conversion === undefined) return thing
  const by = { s: str, r: repr, a: ascii }[conversion]
  if (!by) return undefined
  if (thing.is === "value") return { is: "value", value: by(thing.value) }
  return thing.is === "moment" && conversion === "s" ? { is: "value", value: momentText(thing.moment) } : undefined
}

function write(thing: Thing, spec: string): Filled {
  switch (thing.is) {
    case "value":
      return format(thing.value, spec)
    case "moment": {
      const text = spec === "" ? momentText(thing.moment) : strftime(thing.moment, spec)
      return text === undefined ? refused(`"${spec}" has a directive that Stet does not know`) : accepted(text)
    }
    case "things":
      return refused("pm is no text; take a part of it, pm[run_uuid] for instance")
  }
}
