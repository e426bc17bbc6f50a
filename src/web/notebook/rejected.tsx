import { Button, Group, Modal } from "@mantine/core"
import { copyText } from "#web/app/copy.ts"
import { useDesk } from "#web/notebook/desk.tsx"
import css from "#web/notebook/notebook.module.css"
import { useStore } from "#web/notebook/use-store.ts"

/** An edit was not taken; what the page said then, by cell. */
export type Rejected = { readonly message: string; readonly texts: ReadonlyMap<string, string> }

/** Nothing that somebody typed is thrown away without a word: what is different now is offered as a copy. */
export function RejectedDialog({ rejected, onClose }: { readonly rejected: Rejected; readonly onClose: () => void }) {
  const { notebook } = useDesk()
  const isSynced = useStore(notebook.live.line, (line) => line.isSynced)
  if (!isSynced) return null
  const lost = [...rejected.texts].filter(([id, text]) => text.trim() !== "" && notebook.draft.cell(id)?.text !== text)
  const copy = () => {
    copyText(lost.map(([, text]) => text).join("\n\n"), "What was not taken is on the clipboard.")
    onClose()
  }
  return (
    <Modal opened onClose={onClose} title="An edit was not taken" size="lg">
      <p>{rejected.message}</p>
      {lost.length > 0 && (
        <>
          <p>These cells said something else before. Copy what you want to keep.</p>
          <div className={css["lost"]}>
            {lost.map(([id, text]) => (
              <pre key={id}>{text}</pre>
            ))}
          </div>
        </>
      )}
      <Group justify="flex-end" gap={8} mt={16}>
        <Button onClick={onClose}>Close</Button>
        {lost.length > 0 && (
          <Button variant="filled" onClick={copy} data-autofocus>
            Copy the text
          </Button>
        )}
      </Group>
    </Modal>
  )
}
