/** The values of a version's parameters as somebody types them: what stands in the fields, what is wrong with it, and sending it. */
import { useQueries } from "@tanstack/react-query"
import { useMemo, useRef, useState } from "react"
import { ApiProblem, Unreachable } from "#api/client.ts"
import type { Json, JsonObject } from "#base/json.ts"
import { asking } from "#web/app/api.ts"
import { type Field, fieldsOf } from "#web/launch/field.ts"
import { itemsIn, type SentFor, type Upload, uploadIn } from "#web/launch/given-file.ts"
import { fieldId } from "#web/launch/parameter-field.tsx"
import { onTheWire, type Problems, readField, serverProblems, valuesOf } from "#web/launch/typed.ts"

export type ValuesForm = ReturnType<typeof useValuesForm>

type ValuesOf = {
  readonly schema: Json
  readonly given: JsonObject
  readonly sentFor: SentFor
  readonly keptAs?: string | undefined
}

// Chromium and Firefox have it; where it lacks, a number that JavaScript would spell otherwise is sent as JavaScript spells it.
const rawJson = (JSON as unknown as { readonly rawJSON?: (text: string) => unknown }).rawJSON

export function useValuesForm({ schema, given, sentFor, keptAs }: ValuesOf) {
  const { fields, dropped, secretsToGive } = useMemo(() => fieldsOf(schema, given), [schema, given])
  const typed = useTyped(fields, keptAs)
  const uploads = useUploads(fields, typed.textOf)
  const [sending, setSending] = useState<ReadonlySet<string>>(new Set())
  const [others, setOthers] = useState<readonly string[]>([])
  const [error, setError] = useState<unknown>()
  const [isSending, setIsSending] = useState(false)
  // What is wrong is said at its field at once; all of it together only when somebody wanted to go on, so that nothing jumps before.
  const [wasTried, setTried] = useState(false)
  const sent = async <Done>(values: JsonObject, act: Act<Done>): Promise<Done | undefined> => {
    setIsSending(true)
    try {
      return await act(onTheWire(values, rawJson))
    } catch (thrown) {
      const found = thrown instanceof ApiProblem ? serverProblems(thrown.problem.errors, fields) : { problems: new Map(), others: [] }
      typed.show(found.problems)
      setOthers(found.others)
      if (found.problems.size + found.others.length === 0) setError(thrown)
      return undefined
    } finally {
      setIsSending(false)
    }
  }
  /** What `act` answers; undefined when something is wrong, which is said then. */
  const send = async <Done>(act: Act<Done>): Promise<Done | undefined> => {
    if (isSending) return undefined
    setTried(true)
    setOthers([])
    setError(undefined)
    if (sending.size > 0) {
      typed.show(new Map([...sending].map((name) => [name, "The file is still on its way: run when it is there."])))
      return undefined
    }
    const values = valuesOf(fields, typed.texts)
    if (values.ok) return sent(values.value, act)
    typed.show(values.refusal)
    return undefined
  }
  const onBusy = (name: string, isBusy: boolean) => {
    setSending((now) => new Set(isBusy ? [...now, name] : [...now].filter((one) => one !== name)))
    if (isBusy) typed.settle(name)
  }
  return { ...typed, fields, uploads, sentFor, onBusy, dropped, secretsToGive, others, error, wasTried, isSending, send }
}

type Act<Done> = (parameters: ReturnType<typeof onTheWire>) => Promise<Done>

/** What stands in the fields, and what is wrong with it. */
function useTyped(fields: readonly Field[], keptAs: string | undefined) {
  const [texts, setTexts] = useState<ReadonlyMap<string, string>>(() => keptTexts(fields, keptAs))
  const [isFromBefore, setFromBefore] = useState(() => fields.some(({ name, initial }) => (texts.get(name) ?? initial) !== initial))
  // A file that arrives later must not bring back what stood in the other fields when it set out.
  const latest = useRef(texts)
  const [problems, setProblems] = useState<Problems>(new Map())
  const show = (found: Problems) => {
    setProblems(found)
    const first = fields.find(({ name }) => found.has(name))
    if (first) document.getElementById(fieldId(first.name))?.focus()
  }
  const type = (field: Field, text: string) => {
    const next = new Map(latest.current).set(field.name, text)
    latest.current = next
    setTexts(next)
    keepTexts(fields, next, keptAs)
    setProblems((now) => (now.has(field.name) ? changed(now, field, readField(field, text)) : now))
  }
  const beginAnew = () => {
    latest.current = new Map()
    setTexts(latest.current)
    setProblems(new Map())
    setFromBefore(false)
    forgetTexts(keptAs)
  }
  const settle = (name: string) => setProblems((now) => new Map([...now].filter(([one]) => one !== name)))
  const check = (field: Field) => {
    const text = texts.get(field.name)
    if (text !== undefined) setProblems(changed(problems, field, readField(field, text)))
  }
  // What follows another shows what that one says, until somebody types something else.
  const textOf = (field: Field, depth = 0): string => {
    const own = texts.get(field.name)
    const followed = own === undefined && depth < fields.length ? fields.find(({ name }) => name === field.follows) : undefined
    return own ?? (followed && texts.has(followed.name) ? textOf(followed, depth + 1) : field.initial)
  }
  return { texts, problems, isFromBefore, beginAnew, show, type, settle, check, textOf }
}

const KEPT = "stet-form "

/** Only for fields that there are: the template may be another one meanwhile. */
function keptTexts(fields: readonly Field[], keptAs: string | undefined): ReadonlyMap<string, string> {
  if (keptAs === undefined) return new Map()
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEPT + keptAs) ?? "{}")
    const texts = new Map(Object.entries(kept as Readonly<Record<string, unknown>>))
    return new Map(
      fields.flatMap(({ name, kind }) => {
        const text = texts.get(name)
        return kind !== "secret" && typeof text === "string" ? [[name, text] as const] : []
      }),
    )
  } catch {
    return new Map()
  }
}

function keepTexts(fields: readonly Field[], texts: ReadonlyMap<string, string>, keptAs: string | undefined): void {
  if (keptAs === undefined) return
  const secret = new Set(fields.filter(({ kind }) => kind === "secret").map(({ name }) => name))
  try {
    sessionStorage.setItem(KEPT + keptAs, JSON.stringify(Object.fromEntries([...texts].filter(([name]) => !secret.has(name)))))
  } catch {
    // A browser that keeps nothing for a page still runs it.
  }
}

/** What was typed is used, or meant no more. */
export function forgetTexts(keptAs: string | undefined): void {
  try {
    if (keptAs !== undefined) sessionStorage.removeItem(KEPT + keptAs)
  } catch {
    // Nothing is kept there.
  }
}

function changed(problems: Problems, { name }: Field, reading: ReturnType<typeof readField>): Problems {
  const next = new Map(problems)
  if (reading.ok) next.delete(name)
  else next.set(name, reading.refusal)
  return next
}

/** Upload → what is known of it; null: it is not there any more. */
function useUploads(fields: readonly Field[], textOf: (field: Field) => string): ReadonlyMap<string, Upload | null> {
  const texts = fields.flatMap((field) => (field.kind === "file" || field.kind === "files" ? itemsIn(textOf(field)) : []))
  const ids = [...new Set(texts.flatMap((text) => uploadIn(text) ?? []))]
  return useQueries({
    queries: ids.map((upload) => ({
      ...asking("getUpload", { params: { upload } }),
      staleTime: 60_000,
      retry: (failures: number, error: Error) => failures < 2 && error instanceof Unreachable,
    })),
    combine: (found) =>
      new Map(
        found.flatMap(({ data, error }, at): readonly (readonly [string, Upload | null])[] => {
          if (data) return [[ids[at] ?? "", data]]
          return error instanceof ApiProblem && error.status === 404 ? [[ids[at] ?? "", null]] : []
        }),
      ),
  })
}
