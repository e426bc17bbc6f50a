/**
 * Reads notebooks away from the page: a result of many megabytes is parsed and kept here, and the page is given what it shows, cell
 * by cell. The bytes come from the page, because a worker of Stet speaks to nobody.
 */
import type { LiveOutput } from "#api/live.ts"
import { type Explained, type ExplainedCell, explainCell, explainNotebooks, type Notebook, read } from "#notebook/index.ts"
import type { CellShown } from "#web/outputs/stage/shown.ts"
import { type Changes, changesOf, markupOf, type Outline, outlineOf, outputsOf } from "#web/run/reading/outline.ts"

export type Question =
  | { readonly do: "take"; readonly name: string; readonly bytes: ArrayBuffer }
  | { readonly do: "forget"; readonly name: string }
  | { readonly do: "outline"; readonly name: string }
  | { readonly do: "outputs"; readonly name: string; readonly cell: number }
  | { readonly do: "markup"; readonly name: string }
  | { readonly do: "compare"; readonly before: string; readonly after: string; readonly between: "versions" | "results" }
  | { readonly do: "explain"; readonly before: string; readonly after: string; readonly at: ExplainedCell["at"] }
  | { readonly do: "explain all"; readonly before: string; readonly after: string }

export type Asked = Question & { readonly id: number }
export type Told =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly message: string }

const notebooks = new Map<string, Notebook>()

function take(name: string, bytes: ArrayBuffer): void {
  const reading = read(new Uint8Array(bytes))
  if (!reading.ok) throw new Error(`This is no notebook that can be shown: ${reading.refusal.message}.`)
  notebooks.set(name, reading.value.notebook)
}

function held(name: string): Notebook {
  const notebook = notebooks.get(name)
  if (!notebook) throw new Error(`${name} was asked about before it was given`)
  return notebook
}

type Answer = Outline | Changes | readonly LiveOutput[] | readonly CellShown[] | readonly Explained[] | readonly ExplainedCell[] | undefined

function answer(question: Question): Answer {
  switch (question.do) {
    case "take":
      take(question.name, question.bytes)
      return undefined
    case "forget":
      notebooks.delete(question.name)
      return undefined
    case "outline":
      return outlineOf(held(question.name))
    case "outputs":
      return outputsOf(held(question.name), question.cell)
    case "markup":
      return markupOf(held(question.name))
    case "compare":
      return changesOf(held(question.before), held(question.after), question.between)
    case "explain":
      return explainCell(held(question.before), held(question.after), question.at)
    case "explain all":
      return explainNotebooks(held(question.before), held(question.after))
  }
}

// The page's own type library has the window's `self`, not a worker's.
const port = self as unknown as { onmessage: (message: MessageEvent<Asked>) => void; postMessage: (told: Told) => void }

port.onmessage = ({ data: { id, ...question } }) => {
  try {
    port.postMessage({ id, ok: true, value: answer(question as Question) })
  } catch (error) {
    port.postMessage({ id, ok: false, message: error instanceof Error ? error.message : String(error) })
  }
}
