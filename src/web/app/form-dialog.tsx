/** A small form in a dialog: fields, what went wrong, one verb. */
import { Button, Group, Modal, Stack } from "@mantine/core"
import type { ReactNode } from "react"
import { Wrong } from "#web/app/problem.tsx"
import { useSubmit } from "#web/app/submit.ts"

type Props = {
  readonly title: string
  /** A verb. */
  readonly action: string
  readonly isReady?: boolean
  /** What it throws is shown in the dialog, which stays open; as it does for `false`, where a field says what is wrong. */
  readonly onSubmit: () => Promise<unknown>
  readonly onClose: () => void
  /** For many fields. */
  readonly isWide?: boolean
  /** What else can be done, across from the buttons. */
  readonly aside?: ReactNode
  readonly children: ReactNode
}

export function FormDialog({ title, action, isReady = true, isWide = false, aside, onSubmit, onClose, children }: Props) {
  const { submit, error, isDoing } = useSubmit(onSubmit, onClose)
  return (
    <Modal opened onClose={onClose} title={title} size={isWide ? 620 : "md"}>
      <form onSubmit={submit}>
        <Stack gap={14}>
          {children}
          <Wrong error={error} />
          <Group justify="space-between">
            {aside}
            <Group gap={8} ml="auto">
              <Button onClick={onClose}>Cancel</Button>
              <Button type="submit" variant="filled" loading={isDoing} disabled={!isReady}>
                {action}
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
