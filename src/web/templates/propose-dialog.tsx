/** Proposing a notebook's newest version as a template: its name, why, and the tests with which it must run. */
import { Textarea, TextInput } from "@mantine/core"
import { useState } from "react"
import { api, useApi } from "#web/app/api.ts"
import { FormDialog } from "#web/app/form-dialog.tsx"
import { useGo } from "#web/app/go.tsx"
import { proposalHref } from "#web/app/places.ts"
import css from "#web/templates/templates.module.css"
import { TestCases } from "#web/templates/test-cases.tsx"

type Props = {
  readonly notebook: { readonly id: string; readonly title: string; readonly latest: number; readonly space: { readonly name: string } }
  readonly onClose: () => void
}

export function ProposeDialog({ notebook, onClose }: Props) {
  const known = useApi("listTemplates", { query: { notebook: notebook.id } })
  const first = known.data?.items[0]?.name
  const [typed, setTyped] = useState<string>()
  const [message, setMessage] = useState("")
  const go = useGo()
  const name = typed ?? first ?? suggested(notebook)
  const propose = async () => {
    const { id } = await api.call("propose", { params: { notebook: notebook.id }, body: { template: name, message, version: notebook.latest } })
    go(proposalHref(id))
  }
  return (
    <FormDialog title={`Propose version ${notebook.latest} as a template`} action="Propose" isWide onSubmit={propose} onClose={onClose}>
      <TextInput
        label="Name"
        description="What people and schedulers call it"
        value={name}
        spellCheck={false}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Textarea label="What is new" autosize minRows={2} value={message} onChange={(event) => setMessage(event.currentTarget.value)} />
      <TestCases notebook={notebook.id} />
      <p className={css["quiet"]}>
        It runs afresh from a clean kernel, once with its defaults and once for each test case. When all pass and somebody else has approved, it can
        be promoted.
      </p>
    </FormDialog>
  )
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
