/** Messages that are passed on without being journalled. */
import { isList, isObject, type Json, parse, StringSpan } from "#base/json.ts"
import type { Message } from "#kernel/index.ts"

/** Its long strings were left where they stand, and it is not journalled: nobody could read them there. */
export function whole(message: Message): Message {
  if (!holdsSpan(message.content)) return message
  const read = parse(message.frames[3])
  return read.ok && isObject(read.value) ? { ...message, content: read.value } : message
}

function holdsSpan(value: Json): boolean {
  if (value instanceof StringSpan) return true
  if (isList(value)) return value.some(holdsSpan)
  return isObject(value) && Object.values(value).some(holdsSpan)
}
