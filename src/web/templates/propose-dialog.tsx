/** Proposing a notebook's newest version as a template: its name, why, and the tests with which it must run. */
import { Button, Modal, Textarea, TextInput } from "@mantine/core"
import { useState } from "react"
import { api, useApi, useForget } from "#web/app/api.ts"
import { useGo } from "#web/app/go.tsx"
import { proposalHref } from "#web/app/places.ts"
import { Wrong } from "#web/app/problem.tsx"
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
  const [error, setError] = useState<unknown>()
  const [isSending, setSending] = useState(false)
  const forget = useForget()
  const go = useGo()
  const name = typed ?? first ?? suggested(notebook)
  const send = async () => {
    setSending(true)
    setError(undefined)
    try {
      const { id } = await api.call("propose", { params: { notebook: notebook.id }, body: { template: name, message, version: notebook.latest } })
      await forget()
      onClose()
      go(proposalHref(id))
    } catch (thrown) {
      setError(thrown)
      setSending(false)
    }
  }
  return (
    <Modal opened onClose={onClose} size={620} title={`Propose version ${notebook.latest} as a template`}>
      <form
        className={css["propose"]}
        onSubmit={(event) => {
          event.preventDefault()
          void send()
        }}
      >
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
        <Wrong error={error} />
        <div className={css["buttons"]}>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="filled" loading={isSending}>
            Propose
          </Button>
        </div>
      </form>
    </Modal>
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
