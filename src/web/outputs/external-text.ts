/** Texts of outputs that were too long to be sent along. */

const LARGEST_BYTES = 64 * 1024 * 1024

/** The value as `data` of the output would have held it: base64 for pictures, text for the rest. */
export async function externalText(address: string, mediaType: string, signal?: AbortSignal): Promise<string> {
  const answer = await fetch(address, { signal: signal ?? null, credentials: "same-origin" })
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`)
  if (Number(answer.headers.get("content-length") ?? 0) > LARGEST_BYTES) throw new Error("it is larger than 64 MB; download it instead")
  if (!/^image\/(?!svg)|^application\/pdf|^audio\/|^video\//.test(mediaType)) return answer.text()
  const bytes = new Uint8Array(await answer.arrayBuffer())
  let binary = ""
  for (let at = 0; at < bytes.length; at += 32_768) binary += String.fromCharCode(...bytes.subarray(at, at + 32_768))
  return btoa(binary)
}
