/**
 * The Jupyter wire layout of one message: `[identities…, "<IDS|MSG>", signature, header, parent, metadata, content, buffers…]`.
 * Source: "Messaging in Jupyter", section "The wire protocol".
 */
export type Frames = readonly [header: Uint8Array, parent: Uint8Array, metadata: Uint8Array, content: Uint8Array]

export type Envelope = { readonly signature: Uint8Array; readonly frames: Frames; readonly buffers: readonly Uint8Array[] }

const DELIMITER = new TextEncoder().encode("<IDS|MSG>")

/** Takes a multi-part message apart; undefined when it is not laid out as a Jupyter message. */
export function openEnvelope(parts: readonly Uint8Array[]): Envelope | undefined {
  const at = parts.findIndex(isDelimiter)
  const [signature, header, parent, metadata, content] = parts.slice(at + 1, at + 6)
  if (at < 0 || !signature || !header || !parent || !metadata || !content) return undefined
  return { signature, frames: [header, parent, metadata, content], buffers: parts.slice(at + 6) }
}

/** The parts to put on the wire; sockets add and strip the identities. */
export function closeEnvelope(envelope: Envelope): Uint8Array[] {
  return [DELIMITER, envelope.signature, ...envelope.frames, ...envelope.buffers]
}

function isDelimiter(part: Uint8Array): boolean {
  if (part.length !== DELIMITER.length) return false
  for (let i = 0; i < DELIMITER.length; i++) if (part[i] !== DELIMITER[i]) return false
  return true
}
