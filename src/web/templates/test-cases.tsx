/** The test cases of a notebook: what there is, and one more. */
import { ActionIcon, Button, Select, Textarea, TextInput } from "@mantine/core"
import { IconTrash } from "@tabler/icons-react"
import { type KeyboardEvent, useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useApi, useForget } from "#web/app/api.ts"
import { Wrong } from "#web/app/problem.tsx"
import { toast, toastError } from "#web/app/toast.tsx"
import css from "#web/templates/templates.module.css"
import { expectedWords, specOf } from "#web/templates/test-case.ts"
import { EveryVersion, TestFile } from "#web/tests/test-file.tsx"

type TestCase = Answered<"listTests">["items"][number]

type Props = {
  readonly notebook: string
  /** With which a new case begins, as JSON. */
  readonly values?: string
  /** Whether one is being written that is not among them yet. */
  readonly onWriting: (is: boolean) => void
}

export function TestCases({ notebook, values = "{}", onWriting }: Props) {
  const { data } = useApi("listTests", { params: { notebook } })
  const [adding, set] = useState<"one" | "file">()
  const setAdding = (what: "one" | "file" | undefined) => {
    set(what)
    onWriting(what !== undefined)
  }
  return (
    <fieldset className={css["tests"]}>
      <legend>Test cases</legend>
      {data?.items.length === 0 && adding === undefined && (
        <p className={css["quiet"]}>None yet. One with known values and a result you expect is worth most.</p>
      )}
      <ul>
        {data?.items.map((test) => (
          <One key={test.id} test={test} />
        ))}
      </ul>
      {adding === "one" && <Adding notebook={notebook} values={values} onDone={() => setAdding(undefined)} />}
      {adding === "file" && <TestFile notebook={notebook} onDone={() => setAdding(undefined)} />}
      {adding === undefined && (
        <div className={css["buttons"]}>
          <Button size="compact-sm" onClick={() => setAdding("one")}>
            Add a test case
          </Button>
          <Button size="compact-sm" variant="subtle" onClick={() => setAdding("file")}>
            Edit them as a file
          </Button>
        </div>
      )}
      {(data?.items.length ?? 0) > 0 && <EveryVersion notebook={notebook} />}
    </fieldset>
  )
}

function One({ test }: { readonly test: TestCase }) {
  const forget = useForget()
  const { notebook, name, parameters, expects, mocks, weaknesses } = test
  const put = () => api.call("putTest", { params: { notebook, name }, body: { parameters, expects: expects as never, mocks } }).then(forget)
  const remove = () =>
    api.call("removeTest", { params: { notebook, name } }).then(() => {
      toast({ text: `The test case ${name} is removed.`, undo: put })
      return forget()
    }, toastError)
  return (
    <li>
      <b dir="auto">{name}</b> <span className={css["quiet"]}>{expectedWords(parameters, expects)}</span>
      {mocks.length > 0 && <span className={css["quiet"]}> without {mocks.map(({ cell }) => `“${cell}”`).join(", ")}</span>}
      {weaknesses.map((said) => (
        <span key={said} className={css["warning"]}>
          {" "}
          {said}
        </span>
      ))}
      <ActionIcon size={24} aria-label={`Remove ${name}`} onClick={remove}>
        <IconTrash size={14} aria-hidden="true" />
      </ActionIcon>
    </li>
  )
}

type AddingProps = { readonly notebook: string; readonly values: string; readonly onDone: () => void }

function Adding({ notebook, values, onDone }: AddingProps) {
  const [draft, setDraft] = useState({ name: "", parameters: values, outcome: "succeeds", ename: "", cell: "", text: "" })
  const [error, setError] = useState<unknown>()
  const forget = useForget()
  const set = (key: keyof typeof draft) => (event: { readonly currentTarget: { readonly value: string } }) =>
    setDraft({ ...draft, [key]: event.currentTarget.value })
  const add = async () => {
    const spec = specOf(draft)
    if (!spec.ok) return setError(new Error(spec.refusal))
    try {
      await api.call("putTest", { params: { notebook, name: draft.name.trim() }, body: spec.value })
      onDone()
      await forget()
    } catch (thrown) {
      setError(thrown)
    }
  }
  // It stands in the form of something else, which Enter would send without this case.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement) || event.target.type !== "text" || event.target.readOnly) return
    event.preventDefault()
    void add()
  }
  return (
    <fieldset aria-label="A test case" className={css["adding"]} onKeyDown={onKeyDown}>
      <TextInput label="Name" value={draft.name} onChange={set("name")} placeholder="small sample" autoFocus />
      <Textarea
        label="Parameters, as JSON"
        description="What is left out is as the notebook has it."
        value={draft.parameters}
        onChange={set("parameters")}
        spellCheck={false}
        autosize
        minRows={1}
        maxRows={8}
        styles={{ input: { fontFamily: "var(--mono)" } }}
      />
      <Select
        label="It must"
        data={[
          { value: "succeeds", label: "succeed" },
          { value: "fails", label: "fail" },
        ]}
        value={draft.outcome}
        onChange={(outcome) => setDraft({ ...draft, outcome: outcome ?? "succeeds" })}
      />
      {draft.outcome === "fails" ? (
        <TextInput label="with the error" value={draft.ename} onChange={set("ename")} placeholder="ValueError" spellCheck={false} />
      ) : (
        <div className={css["pair"]}>
          <TextInput label="and the cell with this tag or id" value={draft.cell} onChange={set("cell")} placeholder="total" spellCheck={false} />
          <TextInput label="must show" value={draft.text} onChange={set("text")} placeholder="42" />
        </div>
      )}
      <Wrong error={error} />
      <div className={css["buttons"]}>
        <Button size="compact-sm" variant="subtle" onClick={onDone}>
          Cancel
        </Button>
        <Button size="compact-sm" onClick={() => void add()}>
          Add
        </Button>
      </div>
    </fieldset>
  )
}
