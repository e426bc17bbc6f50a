/**
 * The app's one Trusted Types policy. What it lets through is only ever *parsed*: into a document of its own that runs nothing
 * (`DOMParser`), to be read or cleaned. No text of others becomes elements of the page; DOMPurify hands over nodes.
 */
import DOMPurify, { type Config, type DOMPurify as Purifier } from "dompurify"

/** As the `trusted-types` directive of the app's policy names it. */
const POLICY_NAME = "stet"

type Policy = NonNullable<Config["TRUSTED_TYPES_POLICY"]>
type Factory = { createPolicy(name: string, rules: { createHTML: (text: string) => string; createScriptURL: (text: string) => string }): Policy }

let policy: Policy | undefined

/** Undefined where the browser knows no Trusted Types. */
export function trustedTypes(): Policy | undefined {
  const factory = (globalThis as { readonly trustedTypes?: Factory }).trustedTypes
  policy ??= factory?.createPolicy(POLICY_NAME, {
    createHTML: (text) => text,
    createScriptURL: () => {
      throw new TypeError("no script is ever loaded by an address from an output")
    },
  })
  return policy
}

/** A document that runs nothing and loads nothing, for reading. */
export function readDocument(html: string): Document {
  const markup = trustedTypes()?.createHTML(html) ?? html
  return new DOMParser().parseFromString(markup as string, "text/html")
}

export function purifier(): Purifier {
  return DOMPurify
}
