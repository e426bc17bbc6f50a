/** What stands in a folder of a space; things are dragged to where they should be, and files dropped in. */
import { Button, Menu } from "@mantine/core"
import { IconChevronDown, IconDownload, IconFilePlus, IconSettings, IconTrash, IconUpload, IconUserPlus } from "@tabler/icons-react"
import { useLocation } from "@tanstack/react-router"
import { useState } from "react"
import type { Answered, Query } from "#api/contract.ts"
import { isAbsent, useApi, usePages } from "#web/app/api.ts"
import { Empty } from "#web/app/empty.tsx"
import { one, useFilters } from "#web/app/filters.ts"
import { Go } from "#web/app/go.tsx"
import { isAtLeast, useMe } from "#web/app/me.ts"
import { type Crumb, Page } from "#web/app/page.tsx"
import { folderAt, nameOf, spaceHref } from "#web/app/places.ts"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { asked, isNarrowed, NoneLikeThis, NotebookFilters } from "#web/notebooks/notebook-filters.tsx"
import { NotebookTable, orderOf } from "#web/notebooks/notebook-table.tsx"
import { ShareDialog } from "#web/share/share-dialog.tsx"
import { AskAccess } from "#web/space/ask-access.tsx"
import { FilePreview } from "#web/space/file-preview.tsx"
import { ItemTable } from "#web/space/item-table.tsx"
import { NewNotebookDialog } from "#web/space/new-notebook-dialog.tsx"
import css from "#web/space/space.module.css"
import { SpaceSettingsDialog } from "#web/space/space-settings-dialog.tsx"
import type { Picked } from "#web/space/upload.ts"
import { UploadDialog } from "#web/space/upload-dialog.tsx"
import { useFileDrop } from "#web/space/use-file-drop.ts"
import { useMoves } from "#web/space/use-moves.ts"

type Space = Answered<"getSpace">
type Open = "new" | "upload" | "share" | "settings"

export function SpacePage() {
  const { pathname } = useLocation()
  const { space: ref, folder } = folderAt(pathname)
  const space = useApi("getSpace", { params: { space: ref } })
  const title = folder === "" ? (space.data?.title ?? ref) : nameOf(folder)
  if (space.error)
    return (
      <Page title={ref} crumbs={[{ label: "Spaces", href: "/spaces" }, { label: ref }]}>
        {isAbsent(space.error) ? <AskAccess to={{ space: ref }} /> : <Problem error={space.error} retry={space.refetch} />}
      </Page>
    )
  if (!space.data)
    return (
      <Page title={title} crumbs={crumbs(ref, ref, folder)}>
        <SkeletonRows rows={8} />
      </Page>
    )
  return <Folder space={space.data} folder={folder} key={`${space.data.id} ${folder}`} />
}

function crumbs(name: string, title: string, folder: string): readonly Crumb[] {
  const parts = folder === "" ? [] : folder.split("/")
  return [
    { label: "Spaces", href: "/spaces" },
    { label: title, href: spaceHref(name) },
    ...parts.map((part, at) => ({ label: part, href: spaceHref(name, parts.slice(0, at + 1).join("/")) })),
  ]
}

function Folder({ space, folder }: { readonly space: Space; readonly folder: string }) {
  const me = useMe()
  const [filters, change] = useFilters()
  // Whoever comes from a request for access comes to share.
  const [open, setOpen] = useState<Open | undefined>(one(filters, "share") === undefined ? undefined : "share")
  const [asker] = useState(one(filters, "share"))
  const [dropped, setDropped] = useState<readonly Picked[]>()
  const mayEdit = me.isAdmin || isAtLeast(space.role, "editor")
  const mayAdminister = me.isAdmin || isAtLeast(space.role, "admin")
  const place = { space: space.name, folder }
  const close = () => {
    setOpen(undefined)
    setDropped(undefined)
    if (one(filters, "share") !== undefined) change({ share: undefined })
  }
  const drops = useFileDrop(mayEdit, setDropped)
  const title = folder === "" ? space.title : nameOf(folder)
  return (
    <Page title={title} crumbs={crumbs(space.name, space.title, folder)} actions={<Actions {...{ place, mayEdit, mayAdminister, setOpen }} />}>
      <div className={`${css["folder"]} ${drops.isOver ? css["over"] : ""}`} {...drops.on}>
        <h1>
          <bdi>{title}</bdi>
        </h1>
        <Contents space={space} folder={folder} mayEdit={mayEdit} setOpen={setOpen} />
      </div>
      {open === "new" && <NewNotebookDialog place={place} onClose={close} />}
      {open === "upload" && <UploadDialog place={place} onClose={close} />}
      {dropped && <UploadDialog place={place} picked={dropped} onClose={close} />}
      {open === "share" && <ShareDialog of={{ kind: "space", space }} asker={asker} onClose={close} />}
      {open === "settings" && <SpaceSettingsDialog space={space} onClose={close} />}
      <FilePreview place={place} mayEdit={mayEdit} />
    </Page>
  )
}

type ActionsProps = {
  readonly place: { readonly space: string; readonly folder: string }
  readonly mayEdit: boolean
  readonly mayAdminister: boolean
  readonly setOpen: (open: Open) => void
}

function Actions({ place, mayEdit, mayAdminister, setOpen }: ActionsProps) {
  const exported = `/api/v1/export?${new URLSearchParams(place.folder === "" ? { space: place.space } : place)}`
  return (
    <>
      <Menu>
        <Menu.Target>
          <Button variant="subtle" rightSection={<IconChevronDown size={14} aria-hidden="true" />}>
            More
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconUserPlus size={15} />} onClick={() => setOpen("share")}>
            Share
          </Menu.Item>
          <Menu.Item component="a" href={exported} download leftSection={<IconDownload size={15} />}>
            Download as .zip
          </Menu.Item>
          <Menu.Item component={Go} href={`/trash?space=${encodeURIComponent(place.space)}`} leftSection={<IconTrash size={15} />}>
            Trash
          </Menu.Item>
          {mayAdminister && (
            <Menu.Item leftSection={<IconSettings size={15} />} onClick={() => setOpen("settings")}>
              Settings of the space
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {mayEdit && (
        <>
          <Button leftSection={<IconUpload size={15} aria-hidden="true" />} onClick={() => setOpen("upload")}>
            Upload
          </Button>
          <Button variant="filled" leftSection={<IconFilePlus size={15} aria-hidden="true" />} onClick={() => setOpen("new")}>
            New notebook
          </Button>
        </>
      )}
    </>
  )
}

type ContentsProps = { readonly space: Space; readonly folder: string; readonly mayEdit: boolean; readonly setOpen: (open: Open) => void }

function Contents({ space, folder, mayEdit, setOpen }: ContentsProps) {
  const moves = useMoves(space.name)
  const { items, error, isLoading, hasMore, more, isFetchingMore, retry } = usePages("listItems", {
    params: { space: space.name },
    query: { ...(folder === "" ? {} : { folder }), limit: 200 },
  })
  const [filters] = useFilters()
  const narrowed = isNarrowed(filters)
  if (items?.length === 0 && !narrowed) return <NothingHere {...{ folder, mayEdit, setOpen }} />
  return (
    <>
      <NotebookFilters />
      {error ? <Problem error={error} retry={retry} /> : null}
      {narrowed && <Narrowed space={space} folder={folder} />}
      {!narrowed && isLoading && <SkeletonRows rows={8} />}
      {!narrowed && items && <ItemTable space={space} folder={folder} items={items} mayEdit={mayEdit} moves={moves} />}
      {!narrowed && hasMore && (
        <Button mt={16} loading={isFetchingMore} onClick={more}>
          Show more
        </Button>
      )}
    </>
  )
}

/** Notebooks here and in the folders below that are as the address asks. */
function Narrowed({ space, folder }: Pick<ContentsProps, "space" | "folder">) {
  const me = useMe()
  const [filters] = useFilters()
  const { order, reversed } = orderOf(filters, "path")
  const query: Query<"listNotebooks"> = {
    space: space.name,
    limit: 50,
    order,
    ...(folder === "" ? {} : { folder }),
    ...(reversed ? { reversed: "true" } : {}),
    ...asked(filters, me.person.id),
  }
  const { items, error, hasMore, more, isFetchingMore, retry } = usePages("listNotebooks", { query })
  if (error) return <Problem error={error} retry={retry} />
  if (!items) return <SkeletonRows rows={8} />
  if (items.length === 0) return <NoneLikeThis />
  return (
    <>
      <NotebookTable notebooks={items} usualOrder="path" />
      {hasMore && (
        <Button mt={16} loading={isFetchingMore} onClick={more}>
          Show more
        </Button>
      )}
    </>
  )
}

function NothingHere({ folder, mayEdit, setOpen }: Omit<ContentsProps, "space">) {
  return (
    <Empty
      title={folder === "" ? "This space is empty" : "Nothing is in this folder"}
      actions={
        mayEdit ? (
          <>
            <Button variant="filled" onClick={() => setOpen("new")}>
              New notebook
            </Button>
            <Button onClick={() => setOpen("upload")}>Upload files</Button>
          </>
        ) : undefined
      }
    >
      {mayEdit
        ? "Write a notebook here, or drop .ipynb files, folders or a .zip archive onto this page."
        : "Whoever may edit here has put nothing in yet."}
    </Empty>
  )
}
