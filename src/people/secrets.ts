/**
 * Keys that people carry: API tokens and one-use links. Each is a prefix, an id, 256 random bits in base 62 and a checksum, so
 * that a scanner finds a leaked one by its shape alone and a mistyped one is told without asking the database:
 *
 *     stet_01K0ABCDEFGHJKMNPQRSTVWXYZ_<43 characters of secret><6 of CRC-32>
 *     stetlink_…                       the same, in the address of an invitation
 *
 * Only the SHA-256 of the secret is stored. The form is that of GitHub's tokens.
 */
import { checksum62, inBase62 } from "#base/base62.ts"
import type { Id, Random } from "#base/id.ts"

export type KeyPrefix = "stet" | "stetlink"

/** What secret scanners look for; published in the documentation. */
export const KEY_PATTERN = "stet(?:link)?_[0-9A-HJKMNP-TV-Z]{26}_[0-9A-Za-z]{49}"

const WHOLE_KEY = /^(stet|stetlink)_([0-9A-HJKMNP-TV-Z]{26})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/

/** 256 random bits in 43 characters. */
export function newSecret(random: Random): string {
  let number = 0n
  for (const byte of random.bytes(32)) number = number * 256n + BigInt(byte)
  return inBase62(number, 43)
}

export function printKey(prefix: KeyPrefix, id: string, secret: string): string {
  return `${prefix}_${id}_${secret}${checksum62(id + secret)}`
}

/** Undefined for anything that is not a whole key with a right checksum. */
export function readKey<Noun extends string>(prefix: KeyPrefix, text: string): { readonly id: Id<Noun>; readonly secret: string } | undefined {
  const [, given, id = "", secret = "", sum] = WHOLE_KEY.exec(text) ?? []
  return given === prefix && sum === checksum62(id + secret) ? { id: id as Id<Noun>, secret } : undefined
}

/** Compares in a time that depends on the lengths alone. */
export function sameText(one: string, other: string): boolean {
  let difference = one.length ^ other.length
  for (let i = 0; i < one.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i)
  return difference === 0
}
