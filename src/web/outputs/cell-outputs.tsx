/** The outputs of a cell, each in the richest form that can be shown: what only shows something in the app, what runs something in a frame. */
import { type ReactNode, useEffect } from "react"
import { own, textOf } from "#web/outputs/bundle.ts"
import { Data } from "#web/outputs/data-output.tsx"
import { joined } from "#web/outputs/joined.ts"
import { JsonTree } from "#web/outputs/json-tree.tsx"
import type { CellOutputsProps, OutputProps } from "#web/outputs/output-props.ts"
import styles from "#web/outputs/outputs.module.css"
import { idsOf } from "#web/outputs/stage/active.ts"
import { useStage } from "#web/outputs/stage/current.ts"
import { OutputStage } from "#web/outputs/stage/output-stage.tsx"
import { TextOutput } from "#web/outputs/text-output.tsx"
import { Traceback } from "#web/outputs/traceback.tsx"

export function CellOutputs(props: CellOutputsProps): ReactNode {
  const stage = useStage()
  if (stage !== "absent") return <Outputs {...props} />
  return (
    <OutputStage sessionComm={props.sessionComm}>
      <Outputs {...props} />
    </OutputStage>
  )
}

function Outputs(props: CellOutputsProps): ReactNode {
  const { cell, outputs } = props
  const stage = useStage()
  const shown = joined(outputs)
  useEffect(() => {
    if (typeof stage === "object") stage.keep(cell, idsOf(cell, outputs))
  }, [stage, cell, outputs])
  if (shown.length === 0) return null
  return (
    <div className={styles["outputs"]} data-stet-outputs={cell}>
      {shown.map((output, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an output is its place in the list
        <Output key={index} output={output} index={index} of={props} />
      ))}
    </div>
  )
}

function Output({ output, index, of }: OutputProps): ReactNode {
  switch (output.output_type) {
    case "stream":
      return <TextOutput text={textOf(own(output, "text")) ?? ""} isError={own(output, "name") === "stderr"} label="Printed text" />
    case "error":
      return <Traceback output={output} onOpenCell={of.onOpenCell} />
    case "display_data":
    case "execute_result":
    case "update_display_data":
      return <Data output={output} index={index} of={of} />
    default:
      return (
        <div>
          <p className={styles["aside"]}>An output of a kind that Stet does not know, as it is stored:</p>
          <JsonTree value={output} />
        </div>
      )
  }
}
