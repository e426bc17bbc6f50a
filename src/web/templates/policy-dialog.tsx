import { NumberInput, Select, TextInput } from "@mantine/core"
import { useState } from "react"
import type { Answered, Body } from "#api/contract.ts"
import { api } from "#web/app/api.ts"
import { FormDialog } from "#web/app/form-dialog.tsx"
import { CodeOwners, ownerSpecs } from "#web/share/code-owners.tsx"
import { PersonPicker, type Picked } from "#web/share/person-picker.tsx"
import css from "#web/templates/templates.module.css"

type Template = Answered<"getTemplate">
type Props = { readonly template: Template; readonly onClose: () => void }
type Amount = number | string

const MEGABYTE = 1_000_000

export function PolicyDialog({ template, onClose }: Props) {
  const { profile } = template
  const [approvals, setApprovals] = useState<Amount>(template.approvals ?? "")
  const [owners, setOwners] = useState<readonly Picked[]>(template.codeOwners.filter(({ of }) => of === "template"))
  const [runAs, setRunAs] = useState(template.runAs)
  const [service, setService] = useState<Picked | undefined>(template.service ? { kind: "person", ...template.service } : undefined)
  const [most, setMost] = useState<Amount>(template.maxRunning ?? "")
  const [memory, setMemory] = useState<Amount>(profile.memoryBytes === undefined ? "" : Math.round(profile.memoryBytes / MEGABYTE))
  const [cpus, setCpus] = useState<Amount>(profile.cpus ?? "")
  const [timeout, setTimeoutSeconds] = useState<Amount>(profile.timeoutSeconds ?? "")
  const [priority, setPriority] = useState<Amount>(profile.priority ?? "")
  const [environment, setEnvironment] = useState(profile.environment ?? "")
  const save = () => {
    const uses = {
      ...(profile.cellTimeoutSeconds === undefined ? {} : { cellTimeoutSeconds: profile.cellTimeoutSeconds }),
      ...given("memoryBytes", memory, MEGABYTE),
      ...given("cpus", cpus),
      ...given("timeoutSeconds", timeout),
      ...given("priority", priority),
      ...(environment.trim() === "" ? {} : { environment: environment.trim() }),
    }
    const body: Body<"decideTemplate"> = {
      approvals: approvals === "" ? null : Number(approvals),
      codeOwners: ownerSpecs(owners),
      runAs: runAs === "service" ? { kind: "service", service: service?.id ?? "" } : { kind: runAs },
      maxRunning: most === "" ? null : Number(most),
      profile: uses,
    }
    return api.call("decideTemplate", { params: { template: template.name }, body })
  }
  return (
    <FormDialog
      title={`Policy of ${template.name}`}
      action="Save"
      isReady={runAs !== "service" || service !== undefined}
      isWide
      onSubmit={save}
      onClose={onClose}
    >
      <NumberInput
        label="Approvals"
        description="How many a proposal takes, beside its author. Empty: one, or none while nobody else may edit it"
        min={0}
        max={20}
        allowDecimal={false}
        value={approvals}
        onChange={setApprovals}
      />
      <Owners template={template} owners={owners} onChange={setOwners} />
      <Select
        label="Runs in the name of"
        description="Of the next proposals: what was promoted before runs as it was approved"
        allowDeselect={false}
        data={[
          { value: "invoker", label: "whoever asks" },
          { value: "owner", label: `its owner, ${template.owner.name}` },
          { value: "service", label: "a service account" },
        ]}
        value={runAs}
        onChange={(value) => value && setRunAs(value as Template["runAs"])}
      />
      {runAs === "service" && <PersonPicker label="Service account" picked={service} onPick={setService} />}
      <div className={css["amounts"]}>
        <NumberInput label="Memory, MB" min={68} allowDecimal={false} value={memory} onChange={setMemory} />
        <NumberInput label="Processors" min={0.1} step={0.5} value={cpus} onChange={setCpus} />
        <NumberInput label="Longest, seconds" min={1} value={timeout} onChange={setTimeoutSeconds} />
        <NumberInput label="Priority" min={-100} max={100} allowDecimal={false} value={priority} onChange={setPriority} />
        <NumberInput label="Runs at once" min={1} allowDecimal={false} value={most} onChange={setMost} />
        <TextInput label="Environment" value={environment} spellCheck={false} onChange={(event) => setEnvironment(event.currentTarget.value)} />
      </div>
    </FormDialog>
  )
}

/** Nothing for an amount that was left empty. */
function given<Name extends string>(name: Name, amount: Amount, unit = 1): { readonly [key in Name]?: number } {
  return amount === "" ? {} : ({ [name]: Number(amount) * unit } as { readonly [key in Name]?: number })
}

type OwnersProps = { readonly template: Template; readonly owners: readonly Picked[]; readonly onChange: (owners: readonly Picked[]) => void }

function Owners({ template, owners, onChange }: OwnersProps) {
  // Those of the space are asked as well, and decided there.
  const bySpace = template.codeOwners.filter(({ of }) => of === "space").map(({ name }) => name)
  const also = bySpace.length === 0 ? "" : ` By the settings of its space also: ${bySpace.join(", ")}.`
  return (
    <CodeOwners
      label="Code owners"
      description={`Whose approval a proposal takes beside the number: that of each person, and of one of each group.${also}`}
      owners={owners}
      onChange={onChange}
    />
  )
}
