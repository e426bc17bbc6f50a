/** Proposing a notebook's newest version as a template: its name, why, and the tests with which it must run. */
import { Modal, Textarea, TextInput } from "@mantine/core"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { isObject, type Json, write } from "#base/json.ts"
import { api, useApi } from "#web/app/api.ts"
import { FormDialog } from "#web/app/form-dialog.tsx"
import { useGo } from "#web/app/go.tsx"
import { proposalHref } from "#web/app/places.ts"
import { Problem } from "#web/app/problem.tsx"
import { lackingIn } from "#web/launch/field.ts"
import { schemaOfVersion } from "#web/launch/lossless.ts"
import { ParameterFields, ToldBeside } from "#web/launch/parameter-fields.tsx"
import { useValuesForm } from "#web/launch/values-form.ts"
import css from "#web/templates/templates.module.css"
import { TestCases } from "#web/templates/test-cases.tsx"
import { WritesAgain, type Writing, writesAgainIn } from "#web/tests/writes-again.tsx"

type Props = {
  readonly notebook: { readonly id: string; readonly title: string; readonly latest: number; readonly space: { readonly name: string } }
  readonly onClose: () => void
}

const NOTHING_GIVEN = {}

export function ProposeDialog(props: Props) {
  const { id, latest } = props.notebook
  const schema = useQuery({
    queryKey: ["schema of version", id, latest],
    queryFn: () => schemaOfVersion(id, latest),
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (schema.error) return <Unknown error={schema.error} {...props} />
  return schema.data === undefined ? null : <Proposing {...props} schema={lackingIn(schema.data) ?? NOTHING_GIVEN} values={valuesIn(schema.data)} />
}

function Unknown({ error, notebook, onClose }: Props & { readonly error: unknown }) {
  return (
    <Modal opened onClose={onClose} title={`Propose version ${notebook.latest} as a template`}>
      <Problem error={error} />
    </Modal>
  )
}

/** `schema`: of the parameters for which the version has no value of its own; `values`: those of the others. */
function Proposing({ notebook, schema, values, onClose }: Props & { readonly schema: Json; readonly values: string }) {
  const [isWriting, setWriting] = useState(false)
  const known = useApi("listTemplates", { query: { notebook: notebook.id } })
  const tests = useApi("listTests", { params: { notebook: notebook.id } }).data?.items ?? []
  const first = known.data?.items[0]?.name
  const [typed, setTyped] = useState<string>()
  const [message, setMessage] = useState("")
  const [writings, setWritings] = useState<readonly Writing[]>()
  const go = useGo()
  const form = useValuesForm({ schema, given: NOTHING_GIVEN, sentFor: { notebook: notebook.id } })
  const name = typed ?? first ?? suggested(notebook)
  const lacks = form.fields.map((field) => field.name)
  const isGiven = tests.some(({ parameters, expects }) => mustSucceed(expects) && lacks.every((one) => Object.hasOwn(parameters, one)))
  const isAsked = lacks.length > 0 && !isGiven
  const listed = (thrown: unknown) => {
    const again = writesAgainIn(thrown)
    if (!again) throw thrown
    setWritings(again)
    return undefined
  }
  const propose = async () => {
    // What was listed is what a second press agrees to.
    const body = { template: name, message, version: notebook.latest, mayWrite: writings !== undefined }
    const call = (more: object) => api.call("propose", { params: { notebook: notebook.id }, body: { ...body, ...more } }).catch(listed)
    const proposed = await (isAsked ? form.send((parameters) => call({ parameters })) : call({}))
    if (!proposed) return false
    go(proposalHref(proposed.id))
    return true
  }
  return (
    <FormDialog
      title={`Propose version ${notebook.latest} as a template`}
      action={writings ? "Propose all the same" : "Propose"}
      isWide
      isReady={!isWriting}
      onSubmit={propose}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        description="What people and schedulers call it"
        value={name}
        spellCheck={false}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Textarea label="What is new" autosize minRows={2} value={message} onChange={(event) => setMessage(event.currentTarget.value)} />
      <TestCases notebook={notebook.id} values={values} onWriting={setWriting} />
      {isWriting && <p className={css["quiet"]}>What is being written is not among the test cases yet. Add it, or cancel it, and propose then.</p>}
      {isAsked && (
        <fieldset className={css["tests"]}>
          <legend>For the fresh rerun</legend>
          <p className={css["quiet"]}>
            The notebook has no values of its own for these, or names a file that does not come with it, and no test case gives them. They stand in
            the evidence, secrets do not.
          </p>
          <ParameterFields form={form} />
          <ToldBeside form={form} />
        </fieldset>
      )}
      {writings && <WritesAgain writings={writings} times="with its fresh rerun and with each test case that does not replace the cell" />}
      <p className={css["quiet"]}>
        It runs afresh from a clean kernel, once with {isAsked ? "these values" : lacks.length > 0 ? "the values of a test case" : "its defaults"} and
        once for each test case. When all pass and somebody else has approved, it can be promoted.
      </p>
    </FormDialog>
  )
}

/** The defaults that the schema tells, as JSON in one line; a test case gives no secrets. */
function valuesIn(schema: Json): string {
  const properties = isObject(schema) ? schema["properties"] : undefined
  const told = Object.entries(isObject(properties) ? properties : {}).flatMap(([name, one]) =>
    isObject(one) && one["default"] !== undefined && one["writeOnly"] !== true ? [[name, one["default"]] as const] : [],
  )
  return told.length === 0 ? "{}" : `{ ${told.map(([name, value]) => `${JSON.stringify(name)}: ${write(value)}`).join(", ")} }`
}

function mustSucceed(expects: unknown): boolean {
  return (expects as { readonly outcome?: unknown }).outcome === "succeeds"
}

function suggested({ title, space }: Props["notebook"]): string {
  const word = (text: string) =>
    text
      .normalize("NFKD")
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/gu, "-")
      .replaceAll(/^-+|-+$/gu, "")
  return [space.name, title].map(word).filter(Boolean).join("/").slice(0, 120) || "template"
}
