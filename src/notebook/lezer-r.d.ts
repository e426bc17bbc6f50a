// The package announces types that it does not carry.
declare module "lezer-r" {
  import type { Parser } from "@lezer/common"
  export const parser: Parser & { configure(config: { readonly strict?: boolean; readonly dialect?: string }): Parser }
}
