/** What is done with a file or a folder where it is listed. */
import { ActionIcon, Menu } from "@mantine/core"
import { IconDots, IconDownload, IconFolderSymlink, IconTrash } from "@tabler/icons-react"
import { useState } from "react"
import { api } from "#web/app/api.ts"
import { nameOf } from "#web/app/places.ts"
import { RenameDialog } from "#web/space/rename-dialog.tsx"
import { type Movable, type Moves, restoreFolder } from "#web/space/use-moves.ts"

type Props = {
  readonly what: Exclude<Movable, { readonly kind: "notebook" }>
  readonly download: string
  /** The id of a file, by which it comes out of the trash again. */
  readonly file?: string
  readonly space: string
  readonly mayEdit: boolean
  readonly moves: Moves
}

export function ThingMenu({ what, download, file, space, mayEdit, moves }: Props) {
  const [isRenaming, setRenaming] = useState(false)
  const trash = () => {
    const began = Date.now() - 5000
    return moves.toTrash(what, () => (file === undefined ? restoreFolder(space, what.path, began) : api.call("restoreFile", { body: { file } })))
  }
  return (
    <>
      <Menu>
        <Menu.Target>
          <ActionIcon aria-label={`Actions for ${nameOf(what.path)}`}>
            <IconDots size={16} aria-hidden="true" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component="a" href={download} download leftSection={<IconDownload size={15} />}>
            Download{what.kind === "folder" ? " as .zip" : ""}
          </Menu.Item>
          {mayEdit && (
            <>
              <Menu.Item leftSection={<IconFolderSymlink size={15} />} onClick={() => setRenaming(true)}>
                Rename or move
              </Menu.Item>
              <Menu.Item leftSection={<IconTrash size={15} />} onClick={trash}>
                Move to the trash
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {isRenaming && <RenameDialog what={what} moves={moves} onClose={() => setRenaming(false)} />}
    </>
  )
}
