/** What can be done with a version. */
import { ActionIcon, Button, Menu, Tooltip } from "@mantine/core"
import { IconBolt, IconCopy, IconDots, IconDownload, IconLink, IconPlayerPlay, IconPrinter, IconRestore } from "@tabler/icons-react"
import { useQueryClient } from "@tanstack/react-query"
import { lazy, Suspense, useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, asking, useApi, useForget } from "#web/app/api.ts"
import { copyText } from "#web/app/copy.ts"
import { useFilters } from "#web/app/filters.ts"
import { useGo } from "#web/app/go.tsx"
import { isAtLeast } from "#web/app/me.ts"
import { notebookHref, versionsHref } from "#web/app/places.ts"
import { toast, toastError } from "#web/app/toast.tsx"
import { outlineAsked } from "#web/run/use-notebook.ts"
import { restoreVersion } from "#web/versions/restore.ts"
import type { VersionView } from "#web/versions/timeline.ts"

const OpenLiveDialog = lazy(() => import("#web/run/open-live-dialog.tsx").then(({ OpenLiveDialog }) => ({ default: OpenLiveDialog })))
const RunDialog = lazy(() => import("#web/launch/run-dialog.tsx").then(({ RunDialog }) => ({ default: RunDialog })))

type Props = { readonly notebook: Answered<"getNotebook">; readonly version: VersionView }

export function VersionActions({ notebook, version: { number } }: Props) {
  const [isAsking, setAsking] = useState(false)
  const [isLive, setLive] = useState(false)
  const role = useApi("getSpace", { params: { space: notebook.space.id } }).data?.role ?? null
  const forget = useForget()
  const queries = useQueryClient()
  const go = useGo()
  const [, change] = useFilters()
  /** Goes to what came of it. What the draft said until then can be newer than any version that this page knows. */
  const bringBack = async (wanted: number) => {
    const restored = await restoreVersion(notebook.id, wanted)
    // The one that is looked at stays on the screen until the other can be shown.
    const next = asking("getVersion", { params: { notebook: notebook.id, version: restored.version } })
    const cells = outlineAsked({ kind: "version", notebook: notebook.id, version: restored.version })
    await Promise.all([forget(), queries.prefetchQuery(next), queries.prefetchQuery(cells)])
    go(versionsHref(notebook.id, restored.version))
    return restored
  }
  const undo = async (before: number) => {
    const { version } = await bringBack(before)
    toast(`Undone: version ${before} is back as version ${version}.`)
  }
  const restore = async () => {
    try {
      const { version, created, before } = await bringBack(number)
      toast(
        created ? { text: `Version ${number} is back as version ${version}.`, undo: () => undo(before) } : "The newest version says this already.",
      )
    } catch (error) {
      toastError(error)
    }
  }
  const copy = async () => {
    try {
      const made = await api.call("copyNotebook", { params: { notebook: notebook.id }, body: { version: number } })
      toast({ text: `Copied to ${made.path}.`, action: { word: "Open", do: () => go(notebookHref(made.id)) } })
    } catch (error) {
      toastError(error)
    }
  }
  return (
    <>
      {isAtLeast(role, "editor") && <Restore notebook={notebook.id} number={number} isNewest={number === notebook.latest} restore={restore} />}
      {isAtLeast(role, "runner") && (
        <Button variant="filled" leftSection={<IconPlayerPlay size={15} aria-hidden="true" />} onClick={() => setAsking(true)}>
          Run
        </Button>
      )}
      <Menu>
        <Menu.Target>
          <ActionIcon aria-label="More">
            <IconDots size={17} aria-hidden="true" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconLink size={15} />}
            onClick={() => copyText(`${globalThis.location.origin}${versionsHref(notebook.id, number)}`, `Link to version ${number} copied.`)}
          >
            Copy link to this version
          </Menu.Item>
          <Menu.Item
            leftSection={<IconDownload size={15} />}
            component="a"
            href={`/api/v1/notebooks/${notebook.id}/versions/${number}/content`}
            download
          >
            Download .ipynb
          </Menu.Item>
          <Menu.Item leftSection={<IconPrinter size={15} />} onClick={() => change({ print: "1", against: undefined })}>
            Print
          </Menu.Item>
          {isAtLeast(role, "editor") && (
            <Menu.Item leftSection={<IconBolt size={15} />} onClick={() => setLive(true)}>
              Open live…
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconCopy size={15} />} onClick={copy}>
            Make a copy
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isLive && (
        <Suspense>
          <OpenLiveDialog of={{ kind: "version", notebook: notebook.id, version: number, path: notebook.path }} onClose={() => setLive(false)} />
        </Suspense>
      )}
      {isAsking && (
        <Suspense>
          <RunDialog notebook={notebook.id} version={number} onClose={() => setAsking(false)} />
        </Suspense>
      )}
    </>
  )
}

type RestoreProps = { readonly notebook: string; readonly number: number; readonly isNewest: boolean; readonly restore: () => Promise<void> }

/** Not there for the newest version while the draft says just that; for an older one it says why it has nothing to do. */
function Restore({ notebook, number, isNewest, restore }: RestoreProps) {
  const [isDoing, setDoing] = useState(false)
  const compared = useApi("compareDraft", { params: { notebook }, query: { version: number } })
  // Where it cannot be learned, the server says what comes of it.
  const isSame = compared.data?.isSame ?? (isNewest && compared.isPending)
  if (isSame && isNewest) return null
  const press = async () => {
    if (isSame) return
    setDoing(true)
    await restore()
    setDoing(false)
  }
  const words = isSame ? "The draft says this already." : "The draft goes back to this version. What it says now is kept as a version."
  return (
    <Tooltip label={words} events={{ hover: true, focus: true, touch: true }} position="bottom" multiline maw={280}>
      <Button
        leftSection={<IconRestore size={15} aria-hidden="true" />}
        onClick={press}
        loading={isDoing}
        aria-description={words}
        {...(isSame ? { "aria-disabled": true, "data-disabled": true } : {})}
      >
        Restore
      </Button>
    </Tooltip>
  )
}
