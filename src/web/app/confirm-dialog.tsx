import { Button, Group, Modal } from "@mantine/core"
import { type ReactNode, useState } from "react"
import { Wrong } from "#web/app/problem.tsx"

type Props = {
  readonly title: string
  readonly children: ReactNode
  /** A verb: "Delete", "Sign out everywhere". */
  readonly action: string
  /** Runs to its end before the dialog closes; what it throws is shown in it. */
  readonly onConfirm: () => Promise<unknown>
  readonly onClose: () => void
}

/** For what cannot be undone; the rest is done at once and offers to be undone. */
export function ConfirmDialog({ title, children, action, onConfirm, onClose }: Props) {
  const [error, setError] = useState<unknown>()
  const [isDoing, setDoing] = useState(false)
  const confirm = async () => {
    setDoing(true)
    setError(undefined)
    try {
      await onConfirm()
      onClose()
    } catch (thrown) {
      setError(thrown)
      setDoing(false)
    }
  }
  return (
    <Modal opened onClose={onClose} title={title} size="md">
      {children}
      <Wrong error={error} />
      <Group justify="flex-end" gap={8} mt={20}>
        <Button onClick={onClose} data-autofocus>
          Cancel
        </Button>
        <Button variant="filled" loading={isDoing} onClick={confirm}>
          {action}
        </Button>
      </Group>
    </Modal>
  )
}
