/** The outputs of a cell, each in the richest form that can be shown: what only shows something in the app, what runs something in a frame. */
import type { ReactNode } from "react"
import type { LiveOutput } from "#api/live.ts"
import { own, textOf } from "#web/outputs/bundle.ts"
import { Data } from "#web/outputs/data-output.tsx"
import { JsonTree } from "#web/outputs/json-tree.tsx"
import type { CellOutputsProps, OutputProps } from "#web/outputs/output-props.ts"
import styles from "#web/outputs/outputs.module.css"
import { TextOutput } from "#web/outputs/text-output.tsx"
import { Traceback } from "#web/outputs/traceback.tsx"

export function CellOutputs(props: CellOutputsProps): ReactNode {
  const shown = joined(props.outputs)
  if (shown.length === 0) return null
  return (
    <div className={styles["outputs"]} data-stet-outputs={props.cell}>
      {shown.map((output, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an output is its place in the list
        <Output key={index} output={output} index={index} of={props} />
      ))}
    </div>
  )
}

/** Streams of one name that follow each other are one text. */
export function joined(outputs: readonly LiveOutput[]): readonly LiveOutput[] {
  const made: LiveOutput[] = []
  for (const output of outputs) {
    const last = made.at(-1)
    if (last?.output_type === "stream" && output.output_type === "stream" && last["name"] === output["name"])
      made[made.length - 1] = { ...last, text: (textOf(last["text"]) ?? "") + (textOf(output["text"]) ?? "") }
    else made.push(output)
  }
  return made
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
