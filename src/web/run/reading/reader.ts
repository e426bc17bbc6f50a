/** The page's side of the reader: it fetches notebooks, hands their bytes over, and asks about them. */
import type { LiveOutput } from "#api/live.ts"
import type { Explained, ExplainedCell } from "#notebook/index.ts"
import { api } from "#web/app/api.ts"
import type { CellShown } from "#web/outputs/stage/shown.ts"
import type { Changes, Outline } from "#web/run/reading/outline.ts"
import type { Asked, Question, Told } from "#web/run/reading/reader.worker.ts"
import readerUrl from "#web/run/reading/reader.worker.ts?worker&url"

/** A version, or the result of an attempt that is over: neither ever changes, so what was read of it stays. */
export type Source =
  | { readonly kind: "version"; readonly notebook: string; readonly version: number }
  | { readonly kind: "result"; readonly run: string; readonly attempt: number }

export function nameOfSource(source: Source): string {
  return source.kind === "version" ? `version ${source.notebook} ${source.version}` : `result ${source.run} ${source.attempt}`
}

type Waiting = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void }

const waiting = new Map<number, Waiting>()
/** By name, the oldest first. */
const given = new Map<string, Promise<unknown>>()
const MOST_GIVEN = 6
let worker: Worker | undefined
let count = 0

function theWorker(): Worker {
  if (worker) return worker
  const made = new Worker(readerUrl, { type: "module", name: "reader" })
  made.onmessage = ({ data }: MessageEvent<Told>) => {
    const asked = waiting.get(data.id)
    waiting.delete(data.id)
    if (data.ok) asked?.resolve(data.value)
    else asked?.reject(new Error(data.message))
  }
  // It ran out of memory, or its script is of another build: what was asked is refused, and the next question begins anew.
  made.onerror = () => {
    for (const { reject } of waiting.values())
      reject(new Error("The notebook could not be read here: it may be too large for this browser. Download it instead."))
    waiting.clear()
    given.clear()
    made.terminate()
    if (worker === made) worker = undefined
  }
  worker = made
  return made
}

function ask(question: Question, moved: readonly ArrayBuffer[] = []): Promise<unknown> {
  const id = ++count
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject })
    theWorker().postMessage({ ...question, id } satisfies Asked, [...moved])
  })
}

/** The name under which the worker has it, once it has. @throws ApiProblem, Unreachable */
async function give(source: Source): Promise<string> {
  const name = nameOfSource(source)
  const known = given.get(name) ?? fetched(source).then((bytes) => ask({ do: "take", name, bytes }, [bytes]))
  given.delete(name)
  given.set(name, known)
  for (const old of [...given.keys()].slice(0, -MOST_GIVEN)) {
    given.delete(old)
    void ask({ do: "forget", name: old })
  }
  await known.catch((error: unknown) => {
    given.delete(name)
    throw error
  })
  return name
}

async function fetched(source: Source): Promise<ArrayBuffer> {
  const stream =
    source.kind === "version"
      ? await api.stream("getVersionContent", { params: { notebook: source.notebook, version: source.version } })
      : await api.stream("getResult", { params: { run: source.run }, query: { attempt: source.attempt } })
  return new Response(stream).arrayBuffer()
}

export const reader = {
  outline: async (source: Source) => (await ask({ do: "outline", name: await give(source) })) as Outline,
  outputs: async (source: Source, cell: number) => (await ask({ do: "outputs", name: await give(source), cell })) as readonly LiveOutput[],
  markup: async (source: Source) => (await ask({ do: "markup", name: await give(source) })) as readonly CellShown[],
  compare: async (before: Source, after: Source, between: "versions" | "results") => {
    const [left, right] = await Promise.all([give(before), give(after)])
    return (await ask({ do: "compare", before: left, after: right, between })) as Changes
  },
  explain: async (before: Source, after: Source, at: ExplainedCell["at"]) => {
    const [left, right] = await Promise.all([give(before), give(after)])
    return (await ask({ do: "explain", before: left, after: right, at })) as readonly Explained[]
  },
  explainAll: async (before: Source, after: Source) => {
    const [left, right] = await Promise.all([give(before), give(after)])
    return (await ask({ do: "explain all", before: left, after: right })) as readonly ExplainedCell[]
  },
}
