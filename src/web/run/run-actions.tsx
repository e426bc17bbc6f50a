/** What can be done with a run. */
import { ActionIcon, Button, Menu } from "@mantine/core"
import { IconBolt, IconCopy, IconDots, IconDownload, IconFileText, IconLink, IconPrinter, IconRefresh, IconWorld } from "@tabler/icons-react"
import { lazy, Suspense, useState } from "react"
import { api, useForget } from "#web/app/api.ts"
import { copyText } from "#web/app/copy.ts"
import { useFilters } from "#web/app/filters.ts"
import { useGo } from "#web/app/go.tsx"
import { notebookHref, templateHref } from "#web/app/places.ts"
import { toast, toastError } from "#web/app/toast.tsx"
import { useOpenLive } from "#web/run/open-live.ts"
import { useMayEdit, useMayPublish, useMayRun } from "#web/run/rights.ts"
import type { RunSheet } from "#web/run/run-sheet.ts"
import { isUnderWay } from "#web/runs/pages.ts"

const OpenLiveDialog = lazy(() => import("#web/run/open-live-dialog.tsx").then(({ OpenLiveDialog }) => ({ default: OpenLiveDialog })))
const PublicDialog = lazy(() => import("#web/share/public-dialog.tsx").then(({ PublicDialog }) => ({ default: PublicDialog })))
const RunDialog = lazy(() => import("#web/launch/run-dialog.tsx").then(({ RunDialog }) => ({ default: RunDialog })))

export function RunActions({ sheet: { run, now, form } }: { readonly sheet: RunSheet }) {
  const go = useGo()
  const [isAsking, setAsking] = useState(false)
  const [isDoing, setDoing] = useState(false)
  const mayRun = useMayRun(run.notebook.id, run.space.name)
  const mayEdit = useMayEdit(run.space.name) && !run.codeHidden
  const live = useOpenLive({ kind: "run", run: run.id, path: run.notebook.path })
  const forget = useForget()
  const act = async (what: () => Promise<unknown>) => {
    setDoing(true)
    try {
      await what()
      await forget()
    } catch (error) {
      toastError(error)
    }
    setDoing(false)
  }
  const goesOn = isUnderWay(now)
  const opensFirst = mayEdit && now.state === "failed"
  return (
    <>
      {mayRun && goesOn && (
        <Button loading={isDoing} disabled={now.cancelAsked} onClick={() => act(() => api.call("cancelRun", { params: { run: run.id }, body: {} }))}>
          {now.cancelAsked ? "Stopping" : "Cancel run"}
        </Button>
      )}
      {mayRun && !goesOn && now.state !== "succeeded" && run.secretNames.length === 0 && (
        <Button
          loading={isDoing}
          title="The same version with the same values, once more"
          onClick={() => act(() => api.call("retryRun", { params: { run: run.id } }))}
        >
          Retry
        </Button>
      )}
      {mayRun && !goesOn && (
        <Button
          {...(opensFirst ? {} : { variant: "filled" })}
          leftSection={<IconRefresh size={15} aria-hidden="true" />}
          title={form ? "With the form, where other values can be given" : "Another version or other values can be chosen first"}
          // Who ran it by its form goes back to that, where what they typed is kept.
          onClick={() => (form ? go(templateHref(form.template)) : setAsking(true))}
        >
          Run again
        </Button>
      )}
      {opensFirst && (
        <Button variant="filled" loading={live.isOpening} leftSection={<IconBolt size={15} aria-hidden="true" />} onClick={live.open}>
          Open live
        </Button>
      )}
      <More sheet={{ run, now }} onLive={mayEdit && !goesOn ? live.ask : undefined} />
      {live.isAsking && (
        <Suspense>
          <OpenLiveDialog of={{ kind: "run", run: run.id, path: run.notebook.path }} onClose={live.close} />
        </Suspense>
      )}
      {isAsking && (
        <Suspense>
          <RunDialog notebook={run.notebook.id} version={run.version} from={run} onClose={() => setAsking(false)} />
        </Suspense>
      )}
    </>
  )
}

type MoreProps = { readonly sheet: Pick<RunSheet, "run" | "now">; readonly onLive: (() => void) | undefined }

function More({ sheet: { run, now }, onLive }: MoreProps) {
  const [, change] = useFilters()
  const go = useGo()
  const [isPublishing, setPublishing] = useState(false)
  const hasResult = run.result !== null && !isUnderWay(now)
  const mayPublish = useMayPublish(run.space.name) && hasResult
  const copy = async () => {
    try {
      const made = await api.call("copyResult", { params: { run: run.id }, body: {} })
      toast({ text: `Copied to ${made.path}.`, action: { word: "Open", do: () => go(notebookHref(made.id)) } })
    } catch (error) {
      toastError(error)
    }
  }
  return (
    <>
      <Menu>
        <Menu.Target>
          <ActionIcon aria-label="More">
            <IconDots size={17} aria-hidden="true" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconLink size={15} />} onClick={() => copyText(run.url, "Link copied.")}>
            Copy link
          </Menu.Item>
          <Menu.Item leftSection={<IconFileText size={15} />} onClick={() => go(notebookHref(run.notebook.id))}>
            Open the notebook
          </Menu.Item>
          {mayPublish && (
            <Menu.Item leftSection={<IconWorld size={15} />} onClick={() => setPublishing(true)}>
              Public link…
            </Menu.Item>
          )}
          {onLive && (
            <Menu.Item leftSection={<IconBolt size={15} />} onClick={onLive}>
              Open live…
            </Menu.Item>
          )}
          {hasResult && (
            <>
              <Menu.Item leftSection={<IconDownload size={15} />} component="a" href={`/api/v1/runs/${run.id}/result`} download>
                Download .ipynb
              </Menu.Item>
              <Menu.Item leftSection={<IconDownload size={15} />} component="a" href={`/api/v1/runs/${run.id}/result.html`} target="_blank">
                Open as one page
              </Menu.Item>
              <Menu.Item leftSection={<IconPrinter size={15} />} onClick={() => change({ print: "1", view: undefined })}>
                Print
              </Menu.Item>
              {!run.codeHidden && (
                <Menu.Item leftSection={<IconCopy size={15} />} onClick={copy}>
                  Make a copy as a notebook
                </Menu.Item>
              )}
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {isPublishing && (
        <Suspense>
          <PublicDialog run={run.id} notebook={run.notebook.id} onClose={() => setPublishing(false)} />
        </Suspense>
      )}
    </>
  )
}
