/** Server-sent events as they come over the wire (WHATWG HTML, 9.2): bytes in, messages out. Runs in a browser as well. */

export type ServerSent = { readonly event: string; readonly data: string; readonly id: string | undefined }

/** Reads until the stream ends; a message that is cut off there is dropped, as the standard says. */
export async function* serverSent(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSent> {
  const decoder = new TextDecoder()
  let rest = ""
  let fields: readonly string[] = []
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n")
    rest = lines.pop() ?? ""
    for (const line of lines) {
      if (line !== "") fields = [...fields, line]
      else {
        const message = messageOf(fields)
        fields = []
        if (message) yield message
      }
    }
  }
}

function messageOf(fields: readonly string[]): ServerSent | undefined {
  const values = (name: string) => fields.flatMap((line) => (line.startsWith(`${name}:`) ? [line.slice(name.length + 1).replace(/^ /, "")] : []))
  const data = values("data")
  return data.length === 0 ? undefined : { event: values("event").at(-1) ?? "message", data: data.join("\n"), id: values("id").at(-1) }
}

/** One message as text for the wire. `data` is one line: JSON without breaks. */
export function wireText({ event, data, id }: { readonly event: string; readonly data: string; readonly id?: number }): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`
}
