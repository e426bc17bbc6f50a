/** What a template takes, and what it gives: made from what it declares and from the last run that proved it. */

import { useApi } from "#web/app/api.ts"
import { Go } from "#web/app/go.tsx"
import { runHref } from "#web/app/places.ts"
import type { Field } from "#web/launch/field.ts"
import type { LaunchForm } from "#web/launch/launch-form.ts"
import { rangeWords } from "#web/launch/parameter-field.tsx"
import { shortValue } from "#web/launch/typed.ts"
import { OutputStage } from "#web/outputs/stage/output-stage.tsx"
import { useEarlier } from "#web/run/use-earlier.ts"
import { useOutline } from "#web/run/use-notebook.ts"
import { ViewCell } from "#web/run/view-cell.tsx"
import { givenOf } from "#web/runs/given.ts"
import css from "#web/templates/templates.module.css"

export function Takes({ form: { fields } }: { readonly form: LaunchForm }) {
  if (fields.length === 0) return null
  return (
    <section aria-label="What it takes">
      <h2>What it takes</h2>
      <table className={css["takes"]}>
        <thead>
          <tr>
            <th scope="col">Parameter</th>
            <th scope="col">Kind</th>
            <th scope="col">Usually</th>
            <th scope="col">Meaning</th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => (
            <tr key={field.name}>
              <td>
                {field.title !== field.name && (
                  <>
                    <span dir="auto">{field.title}</span>
                    <br />
                  </>
                )}
                <code>{field.name}</code>
              </td>
              <td>{field.choices.length > 0 ? field.choices.map(({ word }) => word).join(", ") : rangeWords(field, field.words)}</td>
              <td>{usually(field)}</td>
              <td dir="auto">{field.help}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** What it is when nothing is given. */
function usually({ required, kind, choices, defaultText, follows }: Field) {
  if (follows !== undefined) return <>as {follows}</>
  if (required) return "needed"
  if (kind === "secret") return ""
  const words = choices.length === 0 ? [defaultText] : defaultText.split("\n").map((key) => choices.find((choice) => choice.key === key)?.word ?? key)
  return <code>{shortValue(words.join(", "), 60)}</code>
}

const MOST_CELLS = 12

/** What the last good test of what its name stands for showed; the fresh rerun where there is no test. */
export function Example({ name }: { readonly name: string }) {
  const usage = useApi("getTemplateUsage", { params: { template: name } })
  const proof = usage.data?.example
  const source = proof ? ({ kind: "result", run: proof.run, attempt: 1 } as const) : undefined
  const outline = useOutline(source)
  const earlier = useEarlier({ cells: outline.data?.cells ?? [], source, isReport: true })
  if (!proof || !outline.data) return null
  const { cells, language, kernel, environment, widgetState } = outline.data
  const shown = cells.filter(({ type, outputs, isError }) => type === "code" && outputs > 0 && !isError).slice(0, MOST_CELLS)
  if (shown.length === 0) return null
  const given = Object.entries(givenOf(proof)).map(([key, value]) => `${key} = ${shortValue(value, 40)}`)
  return (
    <section aria-label="Example">
      <h2>Example</h2>
      <p className={css["quiet"]}>
        <Go href={runHref(proof.run)}>{proof.kind === "test" ? proof.name : "With what it usually takes"}</Go>
        {given.length > 0 && <span dir="auto">: {given.join(", ")}</span>}
      </p>
      <div className={css["example"]}>
        <OutputStage kernel={kernel} environment={environment} widgetState={widgetState} earlier={earlier}>
          {shown.map((cell) => (
            <ViewCell
              key={cell.id}
              cell={cell}
              language={language}
              source={{ kind: "result", run: proof.run, attempt: 1 }}
              scope={`example ${proof.run}`}
              live={undefined}
              isReport
              hidesCode
              onOpenCell={() => undefined}
            />
          ))}
        </OutputStage>
      </div>
    </section>
  )
}
