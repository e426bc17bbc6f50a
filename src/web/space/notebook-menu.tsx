/** What can be done with a notebook from outside of it. */
import { ActionIcon, Menu } from "@mantine/core"
import {
  IconArrowsExchange,
  IconBell,
  IconCopy,
  IconDots,
  IconDownload,
  IconFolder,
  IconFolderSymlink,
  IconHistory,
  IconLink,
  IconPlayerPlay,
  IconTag,
  IconTrash,
  IconUserPlus,
} from "@tabler/icons-react"
import { useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useApi, useForget } from "#web/app/api.ts"
import { copyText } from "#web/app/copy.ts"
import { Go } from "#web/app/go.tsx"
import { isAtLeast, useMe } from "#web/app/me.ts"
import { parentOf, runsHref, spaceHref, versionsHref } from "#web/app/places.ts"
import { toast, toastError } from "#web/app/toast.tsx"
import { ShareDialog } from "#web/share/share-dialog.tsx"
import { CopyDialog } from "#web/space/copy-dialog.tsx"
import { HandOverDialog } from "#web/space/hand-over-dialog.tsx"
import { MoveDialog } from "#web/space/move-dialog.tsx"
import { TagsDialog } from "#web/space/tags-dialog.tsx"
import { SubscribeDialog } from "#web/subscriptions/subscribe-dialog.tsx"

type Notebook = Answered<"getNotebook">
type Dialog = "share" | "move" | "copy" | "hand" | "tags" | "subscribe"

export function NotebookMenu({ notebook }: { readonly notebook: Notebook }) {
  const [dialog, setDialog] = useState<Dialog>()
  const { mayEdit, mayShare } = useRights(notebook)
  const trash = useTrash()
  const { id, title } = notebook
  const link = () => copyText(notebook.url, "The link is copied.", `The link is ${notebook.url}`)
  return (
    <>
      <Menu>
        <Menu.Target>
          <ActionIcon aria-label={`Actions for ${title}`}>
            <IconDots size={16} aria-hidden="true" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component={Go} href={versionsHref(id)} leftSection={<IconHistory size={15} />}>
            Versions
          </Menu.Item>
          <Menu.Item component={Go} href={runsHref({ notebook: id })} leftSection={<IconPlayerPlay size={15} />}>
            Runs
          </Menu.Item>
          <Menu.Item leftSection={<IconBell size={15} />} onClick={() => setDialog("subscribe")}>
            Subscribe to its runs
          </Menu.Item>
          <Menu.Item component={Go} href={spaceHref(notebook.space.name, parentOf(notebook.path))} leftSection={<IconFolder size={15} />}>
            Show in its folder
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item leftSection={<IconUserPlus size={15} />} onClick={() => setDialog("share")}>
            Share
          </Menu.Item>
          <Menu.Item leftSection={<IconLink size={15} />} onClick={link}>
            Copy link
          </Menu.Item>
          <Menu.Item component="a" href={`/api/v1/notebooks/${id}/content`} download leftSection={<IconDownload size={15} />}>
            Download .ipynb
          </Menu.Item>
          <Menu.Item leftSection={<IconCopy size={15} />} onClick={() => setDialog("copy")}>
            Make a copy
          </Menu.Item>
          {mayEdit && (
            <>
              <Menu.Divider />
              <Menu.Item leftSection={<IconFolderSymlink size={15} />} onClick={() => setDialog("move")}>
                Rename or move
              </Menu.Item>
              <Menu.Item leftSection={<IconTag size={15} />} onClick={() => setDialog("tags")}>
                Tags
              </Menu.Item>
              {mayShare && (
                <Menu.Item leftSection={<IconArrowsExchange size={15} />} onClick={() => setDialog("hand")}>
                  Hand over
                </Menu.Item>
              )}
              <Menu.Item leftSection={<IconTrash size={15} />} onClick={() => trash(notebook)}>
                Move to the trash
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {dialog !== undefined && <OpenDialog dialog={dialog} notebook={notebook} onClose={() => setDialog(undefined)} />}
    </>
  )
}

function OpenDialog({ dialog, notebook, onClose }: { readonly dialog: Dialog; readonly notebook: Notebook; readonly onClose: () => void }) {
  switch (dialog) {
    case "share":
      return <ShareDialog of={{ kind: "notebook", notebook }} onClose={onClose} />
    case "move":
      return <MoveDialog notebook={notebook} onClose={onClose} />
    case "copy":
      return <CopyDialog notebook={notebook} onClose={onClose} />
    case "hand":
      return <HandOverDialog notebook={notebook} onClose={onClose} />
    case "tags":
      return <TagsDialog notebook={notebook} onClose={onClose} />
    case "subscribe":
      return <SubscribeDialog of={{ notebook: notebook.id, title: notebook.title }} onClose={onClose} />
  }
}

/** What is worth offering; the server decides. Who is known by a role on the notebook itself is offered everything. */
function useRights({ space, owner }: Notebook): { readonly mayEdit: boolean; readonly mayShare: boolean } {
  const me = useMe()
  const { data } = useApi("listSpaces", { query: {} })
  const mine = data?.items.find(({ id }) => id === space.id)
  const isOwner = owner.id === me.person.id
  const mayEdit = me.isAdmin || isOwner || mine === undefined || isAtLeast(mine.role, "editor")
  return { mayEdit, mayShare: me.isAdmin || isOwner || mine === undefined || isAtLeast(mine.role, "admin") }
}

function useTrash(): (notebook: Pick<Notebook, "id" | "title">) => Promise<void> {
  const forget = useForget()
  return async ({ id, title }) => {
    try {
      await api.call("trashNotebook", { params: { notebook: id } })
      await forget()
      const undo = async () => {
        await api.call("restoreNotebook", { params: { notebook: id } })
        await forget()
      }
      toast({ text: `“${title}” is in the trash.`, undo })
    } catch (error) {
      toastError(error)
    }
  }
}
