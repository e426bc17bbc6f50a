/** All test cases of a notebook at once, as the file that stands beside it; and whether they run on every new version. */
import { Button, Switch, Textarea } from "@mantine/core"
import { useState } from "react"
import { api, useApi, useForget } from "#web/app/api.ts"
import { Wrong } from "#web/app/problem.tsx"
import { toastError } from "#web/app/toast.tsx"
import css from "#web/tests/tests.module.css"

const EXAMPLE = `tests:
  - name: small sample
    parameters: {count: 3}
    checks:
      - {check: result_equals, name: revenue, value: 126}
`

export function TestFile({ notebook, onDone }: { readonly notebook: string; readonly onDone: () => void }) {
  const { data } = useApi("getTestFile", { params: { notebook } })
  const [typed, setTyped] = useState<string>()
  const [error, setError] = useState<unknown>()
  const forget = useForget()
  const save = async () => {
    try {
      await api.call("putTestFile", { params: { notebook }, body: { text: typed ?? data?.text ?? "" } })
      await forget()
      onDone()
    } catch (thrown) {
      setError(thrown)
    }
  }
  if (!data) return null
  return (
    <div className={css["file"]}>
      <Textarea
        label="Test cases"
        description="As they stand beside the notebook in a file that ends with .stet.yaml"
        value={typed ?? (data.text === "" ? EXAMPLE : data.text)}
        onChange={(event) => {
          setTyped(event.currentTarget.value)
          setError(undefined)
        }}
        autosize
        minRows={8}
        maxRows={24}
        spellCheck={false}
      />
      <Wrong error={error} />
      <div className={css["buttons"]}>
        <Button size="compact-sm" variant="subtle" onClick={onDone}>
          Cancel
        </Button>
        <Button size="compact-sm" onClick={() => void save()}>
          Save
        </Button>
      </div>
    </div>
  )
}

export function EveryVersion({ notebook }: { readonly notebook: string }) {
  const { data } = useApi("getTesting", { params: { notebook } })
  const forget = useForget()
  if (!data) return null
  const set = (versions: boolean) => void api.call("setTesting", { params: { notebook }, body: { versions } }).then(forget, toastError)
  return (
    <Switch
      className={css["every"]}
      size="xs"
      label="Run them on every new version"
      description="and when the environment has changed"
      checked={data.isOn}
      onChange={(event) => set(event.currentTarget.checked)}
    />
  )
}
