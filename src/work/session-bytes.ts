/** Buffers of widget messages as text, in base64. */

const AT_ONCE = 32_766

export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let start = 0; start < bytes.length; start += AT_ONCE) parts.push(btoa(String.fromCharCode(...bytes.subarray(start, start + AT_ONCE))))
  return parts.join("")
}

/** What is not base64 gives no bytes. */
export function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))
  } catch {
    return new Uint8Array()
  }
}
