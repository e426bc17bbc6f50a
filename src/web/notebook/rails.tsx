/** At the left of the cells: outline, variables, files, environment and readiness, one at a time. */
import { IconBox, IconChecklist, IconFiles, IconListTree, type IconProps, IconVariable } from "@tabler/icons-react"
import { type ComponentType, lazy, Suspense } from "react"
import type { NotebookInfo } from "#web/notebook/crumbs.ts"
import { useDesk } from "#web/notebook/desk.tsx"
import { EnvironmentPanel } from "#web/notebook/environment-panel.tsx"
import { FilesPanel } from "#web/notebook/files-panel.tsx"
import { OutlinePanel } from "#web/notebook/outline-panel.tsx"
import css from "#web/notebook/rails.module.css"
import { useStore } from "#web/notebook/use-store.ts"
import { VariablesPanel } from "#web/notebook/variables-panel.tsx"
import type { Rail } from "#web/notebook/view-state.ts"
import ready from "#web/readiness/readiness.module.css"
import { useBreaks } from "#web/readiness/readiness.tsx"

const ReadinessPanel = lazy(() => import("#web/readiness/readiness-panel.tsx").then((loaded) => ({ default: loaded.ReadinessPanel })))

const RAILS: readonly (readonly [Rail, string, ComponentType<IconProps>])[] = [
  ["outline", "Outline", IconListTree],
  ["variables", "Variables", IconVariable],
  ["files", "Files", IconFiles],
  ["environment", "Environment", IconBox],
  ["readiness", "Readiness", IconChecklist],
]

export function Rails({ info }: { readonly info: NotebookInfo }) {
  const { notebook, act } = useDesk()
  const open = useStore(notebook.view, (view) => view.rail)
  const breaks = useBreaks()
  const nameOf = (rail: Rail, word: string) =>
    rail === "readiness" && breaks > 0 ? `${word}, ${inAll(breaks)} ${breaks === 1 ? "breaks" : "break"} a rerun` : word
  return (
    <div className={css["rails"]} data-open={open ?? undefined}>
      <div className={css["strip"]} role="toolbar" aria-label="Panels" aria-orientation="vertical">
        {RAILS.map(([rail, word, Icon]) => (
          <button
            key={rail}
            type="button"
            className={css["tab"]}
            aria-pressed={open === rail}
            aria-label={nameOf(rail, word)}
            title={nameOf(rail, word)}
            onClick={() => act(`rail.${rail}`)}
          >
            <Icon size={18} stroke={1.6} aria-hidden="true" />
            {rail === "readiness" && breaks > 0 && (
              <span className={ready["count"]} aria-hidden="true">
                {inAll(breaks)}
              </span>
            )}
          </button>
        ))}
      </div>
      {open !== null && (
        <aside className={css["panel"]} aria-label={RAILS.find(([rail]) => rail === open)?.[1]}>
          {open === "outline" && <OutlinePanel />}
          {open === "variables" && <VariablesPanel />}
          {open === "files" && <FilesPanel info={info} />}
          {open === "environment" && <EnvironmentPanel />}
          {open === "readiness" && (
            <Suspense>
              <ReadinessPanel info={info} />
            </Suspense>
          )}
        </aside>
      )}
    </div>
  )
}

function inAll(count: number): string {
  return count > 99 ? "99+" : String(count)
}
