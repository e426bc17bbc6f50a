/** Where a webhook may go, what it says, and when it is tried again. Pure. */
import type { Json } from "#base/json.ts"
import { write } from "#base/json.ts"

/** Undefined when it may be. What its name stands for is asked when it is sent, each time. */
export function webhookProblem(address: string, privateAddresses: boolean): string | undefined {
  const url = URL.canParse(address) && address.length <= 2000 ? new URL(address) : undefined
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:")) return "A webhook goes to an address that begins with https://."
  if (url.username !== "" || url.password !== "") return "Leave user name and password out of the address: what is sent is signed."
  if (url.protocol === "http:" && !privateAddresses)
    return "A webhook goes to an address that begins with https://, so that nobody reads it on its way."
  return undefined
}

/** Milliseconds until the next try; undefined: it is given up. About a day in all. */
export function waitAfter(tries: number): number | undefined {
  return WAITS_MS[tries - 1]
}

const MINUTE = 60_000
const WAITS_MS = [10_000, MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE, 4 * 60 * MINUTE, 8 * 60 * MINUTE, 12 * 60 * MINUTE] as const

/** What is signed: the moment and the body, so that neither can be another's. */
export function signedText(at: number, body: string): string {
  return `${Math.floor(at / 1000)}.${body}`
}

export function signatureHeader(at: number, hex: string): string {
  return `t=${Math.floor(at / 1000)},v1=${hex}`
}

export function bodyOf(event: { readonly [name: string]: Json }): string {
  return write(event)
}
