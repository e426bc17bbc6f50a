import { TextInput } from "@mantine/core"
import { useState } from "react"
import { FormDialog } from "#web/app/form-dialog.tsx"
import { cleanFolder } from "#web/space/place-fields.tsx"
import type { Movable, Moves } from "#web/space/use-moves.ts"

/** Another path for a file or folder of the space. */
export function RenameDialog({ what, moves, onClose }: { readonly what: Movable; readonly moves: Moves; readonly onClose: () => void }) {
  const [path, setPath] = useState(what.path)
  return (
    <FormDialog
      title="Rename or move"
      action="Move"
      isReady={cleanFolder(path) !== ""}
      onSubmit={() => moves.to(what, cleanFolder(path))}
      onClose={onClose}
    >
      <TextInput
        label="Path in this space"
        description="Folders are separated by “/”; one that is not there is made."
        value={path}
        onChange={(event) => setPath(event.currentTarget.value)}
        data-autofocus
      />
    </FormDialog>
  )
}
