/** What came, checked against the contract; everything that is wrong is named at once. Pure. */
import type { z } from "zod"
import type { Problem } from "#api/contract.ts"

export type FieldProblem = Problem["errors"][number]
export type Where = FieldProblem["in"]

export type Checked = { readonly value: unknown; readonly problems: readonly FieldProblem[] }

export function checked(schema: z.ZodType | undefined, value: unknown, where: Where): Checked {
  if (!schema) return { value: undefined, problems: [] }
  const parsed = schema.safeParse(value, { error: sentence, reportInput: true })
  return parsed.success
    ? { value: parsed.data, problems: [] }
    : { value: undefined, problems: parsed.error.issues.flatMap((issue) => problemsOf(issue, where)).slice(0, 100) }
}

function problemsOf(issue: z.core.$ZodIssue, where: Where): FieldProblem[] {
  const path = issue.path.map(String).join(".")
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ in: where, path: joined(path, key.slice(0, 200)), message: "There is no such field." }))
  if (issue.code === "invalid_union") {
    const best = [...issue.errors].sort((a, b) => a.length - b.length)[0] ?? []
    return best.length === 0
      ? [{ in: where, path, message: issue.message }]
      : best.flatMap((inner) => problemsOf({ ...inner, path: [...issue.path, ...inner.path] }, where))
  }
  return [{ in: where, path, message: issue.message }]
}

function joined(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`
}

/** What was given is not repeated: it may be a secret, or long. */
function sentence(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "This is needed." : `This should be ${article(String(issue.expected))}.`
    case "too_big":
      return issue.origin === "string"
        ? `This has at most ${issue.maximum} characters.`
        : issue.origin === "array"
          ? `There are at most ${issue.maximum}.`
          : `This is at most ${issue.maximum}.`
    case "too_small":
      return issue.origin === "string"
        ? `This has at least ${issue.minimum} characters.`
        : issue.origin === "array"
          ? `There is at least ${issue.minimum}.`
          : `This is at least ${issue.minimum}.`
    case "invalid_value":
      return `This is one of ${issue.values.map(String).join(", ")}.`
    case "invalid_format":
      return issue.format === "datetime"
        ? "This is a time in ISO 8601 in UTC, as 2026-01-31T12:00:00Z."
        : issue.format === "email"
          ? "This is an e-mail address."
          : undefined
    default:
      return undefined
  }
}

function article(expected: string): string {
  const words: Record<string, string> = {
    string: "text",
    number: "a number",
    int: "a whole number",
    boolean: "true or false",
    object: "an object",
    record: "an object",
    array: "a list",
    null: "null",
  }
  return words[expected] ?? expected
}
