/** Base 62, whose digits are 0-9, A-Z, a-z. */
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/** The last `length` digits, with zeros before. */
export function inBase62(number: bigint, length: number): string {
  let text = ""
  for (let rest = number; text.length < length; rest /= 62n) text = DIGITS[Number(rest % 62n)] + text
  return text
}

/** Six digits by which a key that was mistyped or cut is told, as GitHub's and npm's tokens have them at their end: the CRC-32 of an ASCII text. */
export function checksum62(text: string): string {
  return inBase62(BigInt(crc32(text)), 6)
}

// As zlib has it, which a browser has not.
function crc32(text: string): number {
  let crc = 0xffffffff
  for (let i = 0; i < text.length; i++) {
    crc ^= text.charCodeAt(i)
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}
