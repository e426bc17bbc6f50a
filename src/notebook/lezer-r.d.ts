// The package announces types that it does not carry.
declare module "lezer-r" {
  export const parser: import("@lezer/common").Parser
}
