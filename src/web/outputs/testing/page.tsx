/** A page of nothing but outputs, for tests and for looking: `?notebook=pandas&scheme=dark`. Built by testing.ts, no part of the app. */
import "#web/theme/fonts.css"
import "#web/theme/tokens.css"
import "#web/theme/base.css"
import { type ReactNode, StrictMode, useCallback, useRef, useState } from "react"
import { createRoot } from "react-dom/client"
import type { LiveOutput } from "#api/live.ts"
import { CellOutputs } from "#web/outputs/cell-outputs.tsx"
import { Markdown } from "#web/outputs/markdown.tsx"
import type { CommTold, SessionComm } from "#web/outputs/session-comm.ts"
import { OutputStage } from "#web/outputs/stage/output-stage.tsx"

type Cell = {
  readonly id: string
  readonly cell_type: string
  readonly source: string | readonly string[]
  readonly outputs?: readonly LiveOutput[]
  readonly attachments?: unknown
}
type Notebook = { readonly cells: readonly Cell[]; readonly metadata: { readonly widgets?: Readonly<Record<string, unknown>> } }

/** What a test reaches from outside. */
type Handle = {
  sent: unknown[]
  told: (told: CommTold) => void
  setOutputs: (cell: string, outputs: readonly LiveOutput[]) => void
  opened: unknown[]
}

const listeners = new Set<(told: CommTold) => void>()
const handle: Handle = { sent: [], opened: [], told: (told) => [...listeners].map((listener) => listener(told)), setOutputs: () => undefined }
Object.assign(globalThis, { stetTest: handle })

const asked = new URLSearchParams(location.search)
document.documentElement.dataset["mantineColorScheme"] = asked.get("scheme") ?? "light"

const comm: SessionComm | undefined = asked.has("live")
  ? {
      mayRun: asked.get("live") === "run",
      isFixed: asked.get("live") === "read",
      opened: () => [],
      send: async (message) => void handle.sent.push(message),
      listen: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    }
  : undefined

function Page({ notebook }: { readonly notebook: Notebook }): ReactNode {
  const [replaced, setReplaced] = useState<Readonly<Record<string, readonly LiveOutput[]>>>({})
  handle.setOutputs = (cell, outputs) => setReplaced((before) => ({ ...before, [cell]: outputs }))
  const cells = notebook.cells.map((cell) => ({ ...cell, outputs: replaced[cell.id] ?? cell.outputs ?? [] }))
  const now = useRef(cells)
  now.current = cells
  const earlier = useCallback(async (cell: string) => {
    const at = now.current.findIndex(({ id }) => id === cell)
    return now.current.slice(0, at + 1).map(({ id, outputs }) => ({ cell: id, outputs }))
  }, [])
  return (
    <OutputStage
      earlier={earlier}
      widgetState={notebook.metadata.widgets?.["application/vnd.jupyter.widget-state+json"]}
      sessionComm={comm}
      kernel={asked.get("kernel") ?? undefined}
    >
      <main style={{ maxWidth: 860, margin: "24px auto", padding: "0 16px", display: "flex", flexDirection: "column", gap: 20 }}>
        {cells.map((cell) => (
          <section key={cell.id} data-cell={cell.id}>
            {cell.cell_type === "markdown" ? (
              <Markdown source={textOf(cell.source)} attachments={cell.attachments} />
            ) : (
              <>
                {!asked.has("bare") && (
                  <pre style={{ font: "14px/1.5 var(--mono)", whiteSpace: "pre-wrap", margin: "0 0 8px", color: "var(--soft)" }}>
                    {textOf(cell.source)}
                  </pre>
                )}
                <CellOutputs
                  outputs={cell.outputs}
                  scope="test"
                  cell={cell.id}
                  onOpenCell={(target) => handle.opened.push(target)}
                  sessionComm={comm}
                />
              </>
            )}
          </section>
        ))}
      </main>
    </OutputStage>
  )
}

function textOf(source: string | readonly string[]): string {
  return typeof source === "string" ? source : source.join("")
}

const answer = await fetch(`/notebooks/${encodeURIComponent(asked.get("notebook") ?? "text")}`)
const root = createRoot(document.getElementById("root") as HTMLElement)
root.render(
  <StrictMode>
    <Page notebook={(await answer.json()) as Notebook} />
  </StrictMode>,
)
