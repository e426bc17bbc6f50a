/** What is asked of a template's proposals, and what its runs may use; changed by administrators of its space. */
import { Button } from "@mantine/core"
import { useState } from "react"
import type { Answered } from "#api/contract.ts"
import { sizeWords } from "#web/app/words.ts"
import { DeprecateDialog, HandOverDialog } from "#web/templates/life-dialogs.tsx"
import { PolicyDialog } from "#web/templates/policy-dialog.tsx"
import css from "#web/templates/templates.module.css"

type Template = Answered<"getTemplate">
type Open = "policy" | "deprecate" | "owner" | undefined

export function PolicyPart({ template }: { readonly template: Template }) {
  const [open, setOpen] = useState<Open>()
  const { mayEdit, mayAdminister, owner } = template
  const close = () => setOpen(undefined)
  return (
    <section aria-label="Policy">
      <h2>Policy</h2>
      <dl className={css["policy"]}>
        {factsOf(template).map(([word, said]) => (
          <div key={word}>
            <dt>{word}</dt>
            <dd dir="auto">{said}</dd>
          </div>
        ))}
      </dl>
      <div className={css["buttons"]}>
        {mayAdminister && <Button onClick={() => setOpen("policy")}>Change the policy…</Button>}
        {mayEdit && <Button onClick={() => setOpen("deprecate")}>{template.deprecatedAt === null ? "Deprecate…" : "Change the deprecation…"}</Button>}
        {mayAdminister && <Button onClick={() => setOpen("owner")}>Hand over…</Button>}
      </div>
      {open === "policy" && <PolicyDialog template={template} onClose={close} />}
      {open === "deprecate" && <DeprecateDialog template={template} onClose={close} />}
      {open === "owner" && <HandOverDialog name={template.name} owner={owner} onClose={close} />}
    </section>
  )
}

function factsOf({ approvals, codeOwners, runAs, service, owner, profile, maxRunning }: Template): readonly (readonly [string, string])[] {
  const { memoryBytes, cpus, timeoutSeconds, priority, environment } = profile
  const uses = [
    ...(memoryBytes === undefined ? [] : [`${sizeWords(memoryBytes)} of memory`]),
    ...(cpus === undefined ? [] : [`${cpus} ${cpus === 1 ? "processor" : "processors"}`]),
    ...(timeoutSeconds === undefined ? [] : [`${timeoutSeconds} s at most`]),
    ...(priority === undefined ? [] : [`priority ${priority}`]),
    ...(environment === undefined ? [] : [`environment ${environment}`]),
    ...(maxRunning === null ? [] : [`${maxRunning} at once`]),
  ]
  return [
    ["Approvals", approvals === null ? "one; none while nobody else may edit it" : String(approvals)],
    [
      "Code owners",
      codeOwners.length === 0 ? "none" : codeOwners.map(({ name, of }) => `${name}${of === "space" ? " (of the space)" : ""}`).join(", "),
    ],
    ["Next to run in the name of", runAs === "invoker" ? "whoever asks" : runAs === "service" && service ? service.name : owner.name],
    ["Its runs may use", uses.length === 0 ? "what any run may" : uses.join(", ")],
  ]
}
