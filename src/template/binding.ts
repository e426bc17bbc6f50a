/** What an approval is about: one byte changed, and it is another. Pure. */
import { type Json, write } from "#base/json.ts"

export type Bound = {
  readonly template: string
  readonly versionSha256: string
  readonly manifestSha256: string
  readonly parameters: Json
  /** In whose name it will run: see run-as.ts. */
  readonly runAs: string
}

export function bindingText({ template, versionSha256, manifestSha256, parameters, runAs }: Bound): string {
  return write({ manifestSha256, parameters, runAs, template, versionSha256 })
}
