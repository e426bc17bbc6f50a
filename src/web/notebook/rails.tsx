/** At the left of the cells: outline, variables, files and environment, one at a time. */
import { IconBox, IconFiles, IconListTree, type IconProps, IconVariable } from "@tabler/icons-react"
import type { ComponentType } from "react"
import type { NotebookInfo } from "#web/notebook/crumbs.ts"
import { useDesk } from "#web/notebook/desk.tsx"
import { EnvironmentPanel } from "#web/notebook/environment-panel.tsx"
import { FilesPanel } from "#web/notebook/files-panel.tsx"
import { OutlinePanel } from "#web/notebook/outline-panel.tsx"
import css from "#web/notebook/rails.module.css"
import { useStore } from "#web/notebook/use-store.ts"
import { VariablesPanel } from "#web/notebook/variables-panel.tsx"
import type { Rail } from "#web/notebook/view-state.ts"

const RAILS: readonly (readonly [Rail, string, ComponentType<IconProps>])[] = [
  ["outline", "Outline", IconListTree],
  ["variables", "Variables", IconVariable],
  ["files", "Files", IconFiles],
  ["environment", "Environment", IconBox],
]

export function Rails({ info }: { readonly info: NotebookInfo }) {
  const { notebook, act } = useDesk()
  const open = useStore(notebook.view, (view) => view.rail)
  return (
    <div className={css["rails"]}>
      <div className={css["strip"]} role="toolbar" aria-label="Panels" aria-orientation="vertical">
        {RAILS.map(([rail, word, Icon]) => (
          <button
            key={rail}
            type="button"
            className={css["tab"]}
            aria-pressed={open === rail}
            aria-label={word}
            title={word}
            onClick={() => act(`rail.${rail}`)}
          >
            <Icon size={18} stroke={1.6} aria-hidden="true" />
          </button>
        ))}
      </div>
      {open !== null && (
        <aside className={css["panel"]} aria-label={RAILS.find(([rail]) => rail === open)?.[1]}>
          {open === "outline" && <OutlinePanel />}
          {open === "variables" && <VariablesPanel />}
          {open === "files" && <FilesPanel info={info} />}
          {open === "environment" && <EnvironmentPanel />}
        </aside>
      )}
    </div>
  )
}
