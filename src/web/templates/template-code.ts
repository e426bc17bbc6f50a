/** Running a template from a program. Pure. */
import { type JsonObject, write } from "#base/json.ts"

export type TemplateCode = { readonly origin: string; readonly template: string; readonly values: JsonObject }

export function bodyCommand({ origin, template, values }: TemplateCode): string {
  const body = write({ parameters: values }).replaceAll("'", "'\\''")
  return [
    `curl -X POST '${origin}/api/v1/templates/${encodeURIComponent(template)}/runs' \\`,
    '  -H "Authorization: Bearer $STET_TOKEN" \\',
    '  -H "Idempotency-Key: $(uuidgen)" \\',
    "  -H 'Content-Type: application/json' \\",
    `  -d '${body}'`,
  ].join("\n")
}
