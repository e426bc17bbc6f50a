/** Shapes that everything else is written with. */
import { z } from "zod"

export const Ulid = z
  .string()
  .regex(/^[0-9A-Z]{26}$/, "An id has 26 digits and capital letters.")
  .meta({ description: "26 characters; ids sort by when they were made" })

export const Sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, "A digest has 64 hexadecimal digits in lower case.")
  .meta({ description: "SHA-256 in lower-case hexadecimal" })

export const Time = z.iso.datetime().meta({ description: "ISO 8601 in UTC" })

const CONTROL = "\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029"

/** Blanks, something else, anything: each part ends where the next begins, so that the longest text is looked through once. */
const LINE = new RegExp(`^[^\\S${CONTROL}]*[^\\s${CONTROL}][^${CONTROL}]*$`, "u")

/** One line: no control characters, no lone surrogates, not only blanks. A pattern, so that the OpenAPI document says it. */
export function line(longest: number) {
  return z
    .string()
    .max(longest)
    .regex(LINE, {
      error: ({ input }) => (String(input).trim() === "" ? "This must not be empty." : "This must be one line, without control characters."),
    })
    .refine((text) => text.isWellFormed(), "Half of a surrogate pair stands alone.")
}

/** Text over several lines; PostgreSQL can hold no NUL. */
export function prose(longest: number) {
  return z
    .string()
    .max(longest)
    .refine((text) => !text.includes("\0"), "This must not hold a NUL character.")
    .refine((text) => text.isWellFormed(), "Half of a surrogate pair stands alone.")
}

/** Where a thing stands within its space: `reports/q3/Sales.ipynb`. */
export const Path = line(1024)
  .refine((path) => !/(^|\/)(\.{1,2})?(\/|$)/u.test(path), "A path has no empty part, no '.' and no '..', and does not begin or end with '/'.")
  .refine((path) => !path.includes("\\"), "A path has '/' between folders, not '\\'.")
  .meta({ description: "within its space, '/' between folders, no leading '/'" })

/** A folder's path; empty for the space itself. */
export const Folder = z.union([z.literal(""), Path])

export const SpaceName = line(80)
  .refine((name) => !/[/\\]/u.test(name) && name !== "." && name !== "..", "The name of a space has no '/' and no '\\'.")
  .meta({ description: "the first part of the paths of what it holds" })

/** The id of a notebook, or its space and path: `sales/reports/Q3.ipynb`, percent-encoded as one segment. */
export const NotebookRef = line(1200).meta({ description: "id, or space/path percent-encoded as one segment" })

export const SpaceRef = line(80).meta({ description: "id or name of a space" })

export const Cursor = prose(500).meta({ description: "the `next` of the answer before" })

export function limit(most: number, usual: number) {
  return z.coerce.number().int().min(1).max(most).default(usual)
}

const [YES, NO] = [
  ["true", "1", "yes", "on"],
  ["false", "0", "no", "off"],
]

/** In a query string, where everything is text. */
export const Flag = z.stringbool({ truthy: YES, falsy: NO }).meta({ enum: [...YES, ...NO] })

export function listOf<S extends z.ZodType>(item: S) {
  return z.object({ items: z.array(item), next: z.string().nullable().meta({ description: "the cursor of what follows; null at the end" }) })
}

const LabelName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$/, "The name of a label is letters, digits and . _ - /, at most 128 of them.")

/** Small text that goes along: labels of a run. */
export const Labels = z
  .record(LabelName, prose(1000))
  .refine((labels) => Object.keys(labels).length <= 64, "At most 64 labels.")
  .refine((labels) => !Object.keys(labels).some((name) => name.startsWith("stet/")), "Labels that begin with stet/ are given by Stet itself.")
  .meta({ description: "at most 64, values up to 1,000 characters" })

/** Any JSON. */
export const PlainJson = z.unknown()

export const PersonLink = z.object({ id: Ulid, name: z.string() })

/** RFC 9457, with everything that is wrong named at once. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().meta({ description: "the id of the request, as the server's log has it" }),
    code: z.string().meta({ description: "the name of the refusal; it never changes its meaning" }),
    errors: z.array(z.object({ in: z.enum(["path", "query", "header", "body"]), path: z.string(), message: z.string() })),
    remedy: z.string().meta({ description: "the one thing to do next" }),
    facts: z.record(z.string(), PlainJson).optional().meta({ description: "what a program needs to act, as with both sides of a conflict" }),
  })
  .meta({ id: "Problem" })

/** Of parameters, by name: as JSON. */
export const ParameterValues = z.record(z.string().max(200), z.unknown())
/** The same as a person typed them. */
export const ParameterTexts = z.record(z.string().max(200), z.string().max(1_000_000))

/** Values of parameters by name, as JSON and as a person typed them; `about` says what they are for. */
export function givenValues(about: string) {
  return { parameters: ParameterValues.optional().meta({ description: about }), parameterTexts: typedTexts() }
}

export function typedTexts() {
  return ParameterTexts.optional().meta({ description: "values as a person typed them: each takes the type that its parameter declares" })
}
