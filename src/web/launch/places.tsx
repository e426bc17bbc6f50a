/** Which version runs, where, and how soon: around the parameters of the form. */
import { CheckIcon, NumberInput, Select } from "@mantine/core"
import type { Answered } from "#api/contract.ts"
import { useApi } from "#web/app/api.ts"
import { choosable } from "#web/launch/environment-names.ts"
import css from "#web/launch/launch.module.css"
import type { LaunchForm } from "#web/launch/launch-form.ts"

type Props = {
  readonly form: LaunchForm
  readonly notebook: Answered<"getNotebook">
  readonly version: number
  /** The digest that the earlier run had. */
  readonly earlier: string | null
  readonly onVersion: (version: number) => void
}

export function Places({ form: { where, setWhere }, notebook, version, earlier, onVersion }: Props) {
  const versions = useApi("listVersions", { params: { notebook: notebook.id }, query: { limit: 50 } })
  const environments = useApi("listEnvironments", { query: { limit: 100 } })
  const kernels = useApi("listKernels", {})
  const known = versions.data?.items ?? []
  const options = [
    ...known.map((one) => ({ value: String(one.number), label: versionWords(one, notebook.latest) })),
    ...(known.some((one) => one.number === version) ? [] : [{ value: String(version), label: `Version ${version}` }]),
  ]
  const chosen = options.find(({ value }) => value === String(version))?.label
  return (
    <div className={css["row"]}>
      <Select
        label="Version"
        data={options}
        value={String(version)}
        onChange={(next) => next && onVersion(Number(next))}
        searchable={options.length > 10}
        title={chosen}
        renderOption={({ option: { label }, checked }) => (
          <span className={css["option"]} title={label}>
            <span>{label}</span>
            {checked && <CheckIcon size="0.8em" />}
          </span>
        )}
      />
      <Select
        label="Environment"
        data={[
          { value: "", label: "As the notebook says" },
          ...(earlier === null ? [] : [{ value: earlier, label: "As the earlier run had it" }]),
          ...choosable(environments.data?.items ?? [], kernels.data?.items.map(({ name }) => name) ?? []),
        ]}
        value={where.environment}
        onChange={(chosen) => setWhere({ ...where, environment: chosen ?? "" })}
        searchable
      />
    </div>
  )
}

const KEEP = [
  { value: "0", label: "Its kernel ends" },
  { value: "900", label: "Its kernel is kept for 15 minutes" },
  { value: "3600", label: "Its kernel is kept for an hour" },
]

/** Whoever looks into a failed run finds everything as it stood. */
function KeepKernel({ where, setWhere }: Pick<LaunchForm, "where" | "setWhere">) {
  return (
    <Select
      label="When a cell fails"
      data={KEEP}
      value={String(where.keepKernelSeconds)}
      allowDeselect={false}
      onChange={(chosen) => setWhere({ ...where, keepKernelSeconds: Number(chosen ?? 0) })}
    />
  )
}

/** Seldom of use, so at the end and folded. */
export function Priority({ form: { where, setWhere } }: Pick<Props, "form">) {
  return (
    <details className={css["options"]} open={where.priority !== 0 || where.keepKernelSeconds !== 0}>
      <summary>More{where.priority === 0 ? "" : `: priority ${where.priority}`}</summary>
      <KeepKernel where={where} setWhere={setWhere} />
      <NumberInput
        label="Priority"
        description="Of the runs that wait, those with a higher one go first. −100 to 100, usually 0."
        min={-100}
        max={100}
        step={10}
        allowDecimal={false}
        clampBehavior="strict"
        value={where.priority}
        onChange={(value) => setWhere({ ...where, priority: typeof value === "number" ? value : 0 })}
      />
    </details>
  )
}

function versionWords({ number, label, message }: Answered<"getVersion">, latest: number): string {
  const about = label ?? message.replaceAll(/\s+/gu, " ").trim()
  return `Version ${number}${number === latest ? " (newest)" : ""}${about === "" ? "" : ` · ${about}`}`
}
