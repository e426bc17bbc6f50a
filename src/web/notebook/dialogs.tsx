/** The dialogs of the page, one at a time. */
import { Button, Group, Modal, TagsInput, TextInput } from "@mantine/core"
import { lazy, Suspense, useState } from "react"
import { setCellTags } from "#draft/index.ts"
import { api } from "#web/app/api.ts"
import { useGo } from "#web/app/go.tsx"
import { notebookHref } from "#web/app/places.ts"
import { Wrong } from "#web/app/problem.tsx"
import { toast } from "#web/app/toast.tsx"
import { RunDialog } from "#web/launch/run-dialog.tsx"
import type { NotebookInfo } from "#web/notebook/crumbs.ts"
import { useDesk } from "#web/notebook/desk.tsx"
import { KeysDialog } from "#web/notebook/keys-dialog.tsx"
import { useStore } from "#web/notebook/use-store.ts"

const Propose = lazy(() => import("#web/notebook/propose.tsx").then((loaded) => ({ default: loaded.Propose })))
const ShareDialog = lazy(() => import("#web/share/share-dialog.tsx").then(({ ShareDialog }) => ({ default: ShareDialog })))
const SubscribeDialog = lazy(() => import("#web/subscriptions/subscribe-dialog.tsx").then(({ SubscribeDialog }) => ({ default: SubscribeDialog })))

export function Dialogs({ info }: { readonly info: NotebookInfo }) {
  const { notebook, desk } = useDesk()
  const dialog = useStore(notebook.view, (view) => view.dialog)
  if (dialog === null) return null
  const close = () => {
    notebook.view.change((was) => ({ ...was, dialog: null }))
    desk.focusCell(notebook.selection.get().active)
  }
  switch (dialog.open) {
    case "keys":
    case "palette":
      return <KeysDialog isPalette={dialog.open === "palette"} onClose={close} />
    case "saveNamed":
      return <SaveDialog onClose={close} />
    case "tags":
      return <TagsDialog cell={dialog.cell} onClose={close} />
    case "copy":
      return <CopyDialog info={info} onClose={close} />
    case "propose":
      return (
        <Suspense>
          <Propose info={info} onClose={close} />
        </Suspense>
      )
    case "run":
      return <RunDialog notebook={info.id} onClose={close} />
    case "share":
      return (
        <Suspense>
          <ShareDialog of={{ kind: "notebook", notebook: info }} asker={dialog.person} onClose={close} />
        </Suspense>
      )
    case "subscribe":
      return (
        <Suspense>
          <SubscribeDialog of={{ notebook: info.id, title: info.title }} onClose={close} />
        </Suspense>
      )
  }
}

function SaveDialog({ onClose }: { readonly onClose: () => void }) {
  const { notebook } = useDesk()
  const [label, setLabel] = useState("")
  const [refusal, setRefusal] = useState<Error>()
  const save = async () => {
    const answer = await notebook.live.ask(label.trim() === "" ? { do: "save" } : { do: "save", label: label.trim() })
    if (!answer.ok) return setRefusal(new Error(`${answer.refusal.message} ${answer.refusal.remedy}`.trim()))
    toast(`Saved as version ${answer.value.version}.`)
    onClose()
  }
  return (
    <Modal opened onClose={onClose} title="Save a version">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <TextInput
          label="Name"
          description="What it is for: “Figures for the March report”."
          maxLength={100}
          value={label}
          onChange={(event) => setLabel(event.currentTarget.value)}
          data-autofocus
        />
        <Wrong error={refusal} />
        <Group justify="flex-end" gap={8} mt={20}>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="filled">
            Save
          </Button>
        </Group>
      </form>
    </Modal>
  )
}

function TagsDialog({ cell, onClose }: { readonly cell: string; readonly onClose: () => void }) {
  const { notebook } = useDesk()
  const tags = useStore(notebook.structure, (structure) => structure.cells.get(cell)?.tags ?? NO_TAGS)
  const change = (next: string[]) => {
    notebook.undo.stopCapturing()
    setCellTags(notebook.doc, cell, next)
    notebook.undo.stopCapturing()
  }
  return (
    <Modal opened onClose={onClose} title="Tags of the cell">
      <TagsInput
        label="Tags"
        description="The cell tagged “parameters” declares what a run can be given."
        value={[...tags]}
        onChange={change}
        acceptValueOnBlur
        data-autofocus
      />
      {/* Not as a list that opens below the field: it would lie over what one presses next. */}
      <Group gap={6} mt={10}>
        {USUAL_TAGS.filter((tag) => !tags.includes(tag)).map((tag) => (
          <Button key={tag} size="compact-xs" onClick={() => change([...tags, tag])}>
            {tag}
          </Button>
        ))}
      </Group>
      <Group justify="flex-end" mt={20}>
        <Button variant="filled" onClick={onClose}>
          Done
        </Button>
      </Group>
    </Modal>
  )
}

const USUAL_TAGS = ["parameters", "hide-input", "hide-output", "raises-exception", "skip-execution"]
const NO_TAGS: readonly string[] = []

function CopyDialog({ info, onClose }: { readonly info: NotebookInfo; readonly onClose: () => void }) {
  const { notebook } = useDesk()
  const go = useGo()
  const [error, setError] = useState<unknown>()
  const [isCopying, setCopying] = useState(false)
  const copy = async () => {
    setCopying(true)
    try {
      // What is in no version yet goes along.
      if (notebook.state.get().you?.mayEdit) await notebook.live.ask({ do: "save" })
      const made = await api.call("copyNotebook", { params: { notebook: info.id }, body: {} })
      go(notebookHref(made.id))
      onClose()
    } catch (thrown) {
      setError(thrown)
      setCopying(false)
    }
  }
  return (
    <Modal opened onClose={onClose} title="Make a copy">
      <p>
        The copy begins as <bdi>{info.title}</bdi> is now and goes its own way from there. It is put beside this one and is yours.
      </p>
      <Wrong error={error} />
      <Group justify="flex-end" gap={8} mt={20}>
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="filled" loading={isCopying} onClick={copy} data-autofocus>
          Make a copy
        </Button>
      </Group>
    </Modal>
  )
}
