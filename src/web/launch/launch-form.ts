/** The state of a launch form: where the run is to go, the values of its fields, and the launch that it makes. */
import { useMemo, useState } from "react"
import type { Answered, Body } from "#api/contract.ts"
import { isList, type Json, type JsonObject } from "#base/json.ts"
import { api, useForget } from "#web/app/api.ts"
import type { LaunchCode } from "#web/launch/as-code.ts"
import type { Field } from "#web/launch/field.ts"
import { type Upload, uploadIn } from "#web/launch/given-file.ts"
import { readField } from "#web/launch/typed.ts"
import { useValuesForm } from "#web/launch/values-form.ts"

export type Launched = Answered<"launchRun">
export type LaunchForm = ReturnType<typeof useLaunchForm>

export type FormOf = {
  readonly notebook: Answered<"getNotebook">
  readonly version: number
  readonly schema: Json
  readonly given: JsonObject
  readonly from?: { readonly id: string; readonly environment: string | null; readonly priority: number } | undefined
  /** A template's name: it is run by that, and not as a version of its notebook. */
  readonly template?: string | undefined
  /** What was typed is kept under this name as long as the tab is open: who leaves and returns finds it. Secrets are not. */
  readonly keptAs?: string | undefined
}

/** "" for the notebook's own environment. */
export type Where = {
  readonly environment: string
  readonly priority: number
  /** How long the kernel is kept when a cell fails; 0: not at all. */
  readonly keepKernelSeconds: number
}

export function useLaunchForm({ notebook, version, schema, given, from, template, keptAs }: FormOf) {
  const form = useValuesForm({ schema, given, keptAs, sentFor: template === undefined ? { notebook: notebook.id } : { template } })
  const { fields, texts, uploads } = form
  const [where, setWhere] = useState<Where>({ environment: "", priority: from?.priority ?? 0, keepKernelSeconds: 0 })
  const forget = useForget()
  const launch = async (): Promise<Launched | undefined> => {
    const launched = await form.send((parameters) => {
      const body = { parameters, ...bodyOf(where) }
      if (template !== undefined) return api.call("runTemplate", { params: { template }, body })
      return api.call("launchRun", { body: { notebook: notebook.id, version, ...body } })
    })
    // Whoever is back within a moment would find the lists and the usage as they were.
    if (launched) void forget()
    return launched
  }
  const fitting = useMemo(() => fittingValues(fields, texts), [fields, texts])
  const { values, files } = withoutUploads(fitting.values, uploads)
  const code: LaunchCode = { ...codeOf(notebook, version), values, files, secretNames: fitting.secretNames, ...where }
  return {
    ...form,
    secretsToGive: from ? form.secretsToGive : [],
    where,
    setWhere,
    isLaunching: form.isSending,
    code,
    isWhole: fitting.isWhole,
    launch,
  }
}

function codeOf({ space, path, latest }: FormOf["notebook"], version: number) {
  return { origin: globalThis.location.origin, notebook: `${space.name}/${path}`, version: version === latest ? ("latest" as const) : version }
}

function bodyOf({ environment, priority, keepKernelSeconds }: Where): Body<"runTemplate"> {
  return {
    ...(environment === "" ? {} : { environment }),
    ...(priority === 0 ? {} : { priority }),
    ...(keepKernelSeconds === 0 ? {} : { keepKernelSeconds }),
  }
}

/** Those values that can be read, without secrets. */
function fittingValues(fields: readonly Field[], texts: ReadonlyMap<string, string>) {
  const open = fields.filter(({ kind }) => kind !== "secret")
  const readings = open.map((field) => [field.name, readField(field, texts.get(field.name) ?? field.initial)] as const)
  return {
    values: Object.fromEntries(readings.flatMap(([name, one]) => (one.ok && one.value !== undefined ? [[name, one.value]] : []))) as JsonObject,
    secretNames: fields
      .filter(({ kind, required, name }) => kind === "secret" && (required || (texts.get(name) ?? "") !== ""))
      .map(({ name }) => name),
    isWhole: readings.every(([, one]) => one.ok),
  }
}

/** Code sends the files themselves: by the names that they had. A list that holds something else as well is written as it is. */
function withoutUploads(values: JsonObject, uploads: ReadonlyMap<string, Upload | null>) {
  const nameOf = (value: Json) => {
    const id = typeof value === "string" ? uploadIn(value) : undefined
    return id === undefined ? undefined : (uploads.get(id)?.name ?? "file")
  }
  const sent = Object.entries(values).flatMap(([name, value]): readonly (readonly [string, string | readonly string[]])[] => {
    const names = (isList(value) ? value : [value]).flatMap((one) => nameOf(one) ?? [])
    if (!isList(value)) return names.map((one) => [name, one])
    return names.length > 0 && names.length === value.length ? [[name, names]] : []
  })
  const files: LaunchCode["files"] = Object.fromEntries(sent)
  return { values: Object.fromEntries(Object.entries(values).filter(([name]) => !Object.hasOwn(files, name))) as JsonObject, files }
}
