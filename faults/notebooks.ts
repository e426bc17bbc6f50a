/** Notebooks whose every line of output says where it stands, so that a gap, a double and a swap are all seen. */
import { createHash } from "node:crypto"
import type { Client } from "../src/api/client.ts"

export type Lines = { readonly cells: number; readonly lines: number; readonly pauseMs: number }

/** `cell 3 line 17`, in Python. */
export function counting({ cells, lines, pauseMs }: Lines): readonly string[] {
  return Array.from(
    { length: cells },
    (_, cell) => `import time\nfor line in range(${lines}):\n    print("cell ${cell} line", line, flush=True)\n    time.sleep(${pauseMs / 1000})`,
  )
}

/** What `counting` prints. */
export function counted({ cells, lines }: Lines): string {
  const all = Array.from({ length: cells * lines }, (_, index) => `cell ${Math.floor(index / lines)} line ${index % lines}\n`)
  return all.join("")
}

export function notebookBytes(kernel: "python3" | "script", sources: readonly string[]): Uint8Array {
  const language = kernel === "python3" ? "python" : "script"
  const cells = sources.map((source, index) => ({
    cell_type: "code",
    id: `cell-${index}`,
    metadata: {},
    source,
    outputs: [],
    execution_count: null,
  }))
  const metadata = { kernelspec: { name: kernel, display_name: kernel, language }, language_info: { name: language } }
  return new TextEncoder().encode(JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata, cells }))
}

const SPACE = "faults"

/** Puts it in; gives its id. */
export async function put(client: Client, path: string, bytes: Uint8Array): Promise<string> {
  const { items } = await client.call("listSpaces", {})
  if (!items.some(({ name }) => name === SPACE)) await client.call("createSpace", { body: { name: SPACE } })
  const saved = await client.call("createNotebook", { query: { space: SPACE, path }, body: bytes })
  return saved.notebook.id
}

export function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex")
}
