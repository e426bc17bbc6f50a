/** The test cases of a notebook: what there is, and one more. */
import { ActionIcon, Button, Select, TextInput } from "@mantine/core"
import { IconTrash } from "@tabler/icons-react"
import { useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useApi, useForget } from "#web/app/api.ts"
import { Wrong } from "#web/app/problem.tsx"
import { toast, toastError } from "#web/app/toast.tsx"
import css from "#web/templates/templates.module.css"
import { expectedWords, specOf } from "#web/templates/test-case.ts"
import { EveryVersion, TestFile } from "#web/tests/test-file.tsx"

type TestCase = Answered<"listTests">["items"][number]

export function TestCases({ notebook }: { readonly notebook: string }) {
  const { data } = useApi("listTests", { params: { notebook } })
  const [adding, setAdding] = useState<"one" | "file">()
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
      {adding === "one" && <Adding notebook={notebook} onDone={() => setAdding(undefined)} />}
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
      <ActionIcon size={22} aria-label={`Remove ${name}`} onClick={remove}>
        <IconTrash size={14} aria-hidden="true" />
      </ActionIcon>
    </li>
  )
}

function Adding({ notebook, onDone }: { readonly notebook: string; readonly onDone: () => void }) {
  const [draft, setDraft] = useState({ name: "", parameters: "{}", outcome: "succeeds", ename: "", cell: "", text: "" })
  const [error, setError] = useState<unknown>()
  const forget = useForget()
  const set = (key: keyof typeof draft) => (event: { readonly currentTarget: { readonly value: string } }) =>
    setDraft({ ...draft, [key]: event.currentTarget.value })
  const add = async () => {
    const spec = specOf(draft)
    if (!spec.ok) return setError(new Error(spec.refusal))
    try {
      await api.call("putTest", { params: { notebook, name: draft.name.trim() }, body: spec.value })
      await forget()
      onDone()
    } catch (thrown) {
      setError(thrown)
    }
  }
  return (
    <div className={css["adding"]}>
      <div className={css["pair"]}>
        <TextInput label="Name" value={draft.name} onChange={set("name")} placeholder="small sample" />
        <TextInput label="Parameters, as JSON" value={draft.parameters} onChange={set("parameters")} spellCheck={false} />
      </div>
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
    </div>
  )
}
