/** Stands around the cells of one view, and holds the layer that frames lie on. */
import { type ReactNode, useEffect, useRef, useState } from "react"
import styles from "#web/outputs/outputs.module.css"
import type { SessionComm } from "#web/outputs/session-comm.ts"
import { CurrentStage } from "#web/outputs/stage/current.ts"
import type { Earlier } from "#web/outputs/stage/shown.ts"
import { Stage } from "#web/outputs/stage/stage.ts"

export type OutputStageProps = {
  readonly children: ReactNode
  /** The whole notebook's outputs in their order, so that a script of an early cell has run before a later one is looked at. */
  readonly earlier?: Earlier | undefined
  /** Everything is drawn, near or not, as paper needs it. */
  readonly isWhole?: boolean | undefined
  /** `metadata.widgets["application/vnd.jupyter.widget-state+json"]` of the notebook. */
  readonly widgetState?: unknown
  readonly sessionComm?: SessionComm | undefined
  /** Where the JavaScript of widgets and charts comes from: the kernelspec's name, or a built environment's name or digest. */
  readonly kernel?: string | undefined
  readonly environment?: string | undefined
  /** Its id: where neither is known, what a run of it would get is looked in. */
  readonly notebook?: string | undefined
}

export function OutputStage({ children, earlier, isWhole = false, widgetState, sessionComm, ...where }: OutputStageProps): ReactNode {
  const { kernel, environment, notebook } = where
  const layer = useRef<HTMLDivElement>(null)
  const [stage, setStage] = useState<Stage>()
  useEffect(() => {
    if (!layer.current) return
    const made = new Stage(layer.current)
    setStage(made)
    return () => made.close()
  }, [])
  useEffect(() => {
    if (!stage) return
    stage.earlier = earlier
    stage.libraries = { kernel, environment, notebook }
    stage.setWidgets(widgetState)
    stage.setComm(sessionComm)
  }, [stage, earlier, kernel, environment, notebook, widgetState, sessionComm])
  useEffect(() => stage?.setWhole(isWhole), [stage, isWhole])
  useEffect(() => {
    if (!stage) return
    const watch = new MutationObserver(() => stage.setTheme())
    watch.observe(document.documentElement, { attributes: true, attributeFilter: ["data-mantine-color-scheme"] })
    return () => watch.disconnect()
  }, [stage])
  return (
    <div className={styles["stage"]}>
      <CurrentStage value={stage ?? "opening"}>{children}</CurrentStage>
      <div ref={layer} className={styles["layer"]} data-stet-layer="" />
    </div>
  )
}
