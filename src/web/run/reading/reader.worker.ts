/**
 * Reads notebooks away from the page: a result of many megabytes is fetched, parsed and kept here, and the page is given what it
 * shows, cell by cell.
 */
import type { LiveOutput } from "#api/live.ts"
import { type Notebook, read } from "#notebook/index.ts"
import { type Changes, changesOf, type Outline, outlineOf, outputsOf } from "#web/run/reading/outline.ts"

export type Question =
  | { readonly do: "outline"; readonly url: string }
  | { readonly do: "outputs"; readonly url: string; readonly cell: number }
  | { readonly do: "compare"; readonly before: string; readonly after: string; readonly between: "versions" | "results" }

export type Reply = { readonly outline: Outline; readonly outputs: readonly LiveOutput[]; readonly compare: Changes }
export type Asked = Question & { readonly id: number }
export type Told =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly message: string; readonly status: number }

// The bytes of an address never change while it is shown: a version is immutable, and so is the result of an attempt that is over.
const notebooks = new Map<string, Promise<Notebook>>()
const MOST_KEPT = 4

class Refused extends Error {
  readonly status: number
  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }
}

function notebookAt(url: string): Promise<Notebook> {
  const known = notebooks.get(url)
  if (known) return known
  const reading = fetched(url)
  notebooks.set(url, reading)
  reading.catch(() => notebooks.delete(url))
  for (const old of [...notebooks.keys()].slice(0, -MOST_KEPT)) notebooks.delete(old)
  return reading
}

async function fetched(url: string): Promise<Notebook> {
  const response = await fetch(url, { headers: { "x-stet": "1" } })
  if (!response.ok) throw new Refused(await detailOf(response), response.status)
  const reading = read(new Uint8Array(await response.arrayBuffer()))
  if (!reading.ok) throw new Refused(`This is no notebook that can be shown: ${reading.refusal.message}.`, 422)
  return reading.value.notebook
}

async function detailOf(response: Response): Promise<string> {
  const told: unknown = await response.json().catch(() => undefined)
  const detail = typeof told === "object" && told !== null && "detail" in told ? told.detail : undefined
  return typeof detail === "string" ? detail : `The server answered ${response.status}.`
}

async function answer(question: Question): Promise<Reply[keyof Reply]> {
  switch (question.do) {
    case "outline":
      return outlineOf(await notebookAt(question.url))
    case "outputs":
      return outputsOf(await notebookAt(question.url), question.cell)
    case "compare":
      return changesOf(await notebookAt(question.before), await notebookAt(question.after), question.between)
  }
}

// The page's own type library has the window's `self`, not a worker's.
const port = self as unknown as { onmessage: (message: MessageEvent<Asked>) => void; postMessage: (told: Told) => void }

port.onmessage = async ({ data: { id, ...question } }) => {
  try {
    port.postMessage({ id, ok: true, value: await answer(question as Question) })
  } catch (error) {
    port.postMessage({
      id,
      ok: false,
      message: error instanceof Error ? error.message : String(error),
      status: error instanceof Refused ? error.status : 0,
    })
  }
}
