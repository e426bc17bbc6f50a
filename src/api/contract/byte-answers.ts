/** Answers that are bytes: whole, a part of them, or unchanged. */
import { z } from "zod"
import { bytes, EMPTY } from "#api/contract/route.ts"

export const Conditional = z.object({ "if-none-match": z.string().max(1000).optional(), range: z.string().max(200).optional() })

export function byteAnswers(mediaType: string) {
  const content = bytes([mediaType])
  return {
    200: { what: "The bytes, as they came", content },
    206: { what: "A part of them", content },
    304: { what: "Unchanged", content: EMPTY },
  }
}
