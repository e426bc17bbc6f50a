/** In the top bar: what is saved, who is here, the kernel, and what is done with the whole notebook. */
import { ActionIcon, Button, Menu } from "@mantine/core"
import { IconChevronDown, IconDots, IconMessage, IconPlayerPlayFilled, IconPlayerStopFilled } from "@tabler/icons-react"
import { Go } from "#web/app/go.tsx"
import { runsHref, versionsHref } from "#web/app/places.ts"
import { Time } from "#web/app/time.tsx"
import { counted } from "#web/app/words.ts"
import { useComments } from "#web/comments/comments-panel.tsx"
import { openThreads } from "#web/comments/threads.ts"
import type { Command } from "#web/notebook/bindings.ts"
import { keysOf, wordsOf } from "#web/notebook/cell-bar.tsx"
import type { NotebookInfo } from "#web/notebook/crumbs.ts"
import { useDesk, useMay } from "#web/notebook/desk.tsx"
import { Presence } from "#web/notebook/presence.tsx"
import { SessionMenu } from "#web/notebook/session-menu.tsx"
import css from "#web/notebook/top-bar.module.css"
import { useStore } from "#web/notebook/use-store.ts"
import type { Dialog } from "#web/notebook/view-state.ts"

export function Aside({ info }: { readonly info: NotebookInfo }) {
  return (
    <>
      <Saved info={info} />
      <Presence />
    </>
  )
}

/** "Saved as version 12", and whether there is something that no version has yet. */
function Saved({ info }: { readonly info: NotebookInfo }) {
  const { notebook, act } = useDesk()
  const may = useMay()
  const saved = useStore(notebook.state, (state) => state.saved)
  const line = useStore(notebook.live.line, (state) => state.state)
  const unconfirmed = useStore(notebook.live.line, (state) => state.unconfirmed)
  if (!saved) return null
  if (unconfirmed && line === "away") return <span className={css["saved"]}>Edits are kept on this device</span>
  const version = (
    <Go href={versionsHref(info.id, saved.version)} className={css["version"]}>
      {saved.label ?? `version ${saved.version}`}
    </Go>
  )
  if (!saved.isChanged)
    return (
      <span className={css["saved"]}>
        Saved as {version}
        <span className={css["when"]}>
          , <Time at={saved.at} />
        </span>
      </span>
    )
  return (
    <span className={css["saved"]}>
      <span className={may.edit ? css["since"] : undefined}>Edited since {version}</span>
      {may.edit && (
        <button
          type="button"
          className={css["save"]}
          onClick={() => act("save")}
          title={`Edited since version ${saved.version}. Save a version (${keysOf("save")})`}
        >
          Save a version
        </button>
      )}
    </span>
  )
}

export function Actions({ info }: { readonly info: NotebookInfo }) {
  const may = useMay()
  return (
    <>
      <SessionMenu />
      {may.run && <RunMenu />}
      <Button component={Go} href={versionsHref(info.id)} className={css["wide-only"]}>
        Versions
      </Button>
      <CommentsButton />
      <OpenButton dialog={{ open: "share" }} className={css["wide-only"]}>
        Share
      </OpenButton>
      <MoreMenu info={info} />
    </>
  )
}

function OpenButton({
  dialog,
  children,
  className,
}: {
  readonly dialog: Dialog
  readonly children: string
  readonly className?: string | undefined
}) {
  const { notebook } = useDesk()
  return (
    <Button className={className} onClick={() => notebook.view.change((was) => ({ ...was, dialog }))}>
      {children}
    </Button>
  )
}

function CommentsButton() {
  const { notebook, act } = useDesk()
  const isOpen = useStore(notebook.view, (view) => view.comments)
  const { data } = useComments(notebook.id)
  const count = openThreads(data?.items ?? [])
  const words = count === 0 ? "Comments" : `Comments, ${counted(count, "open thread")}`
  return (
    <ActionIcon size={30} className={css["comments"]} aria-label={words} title={words} aria-pressed={isOpen} onClick={() => act("rail.comments")}>
      <IconMessage size={17} stroke={1.6} aria-hidden="true" />
      {count > 0 && <span aria-hidden="true">{count}</span>}
    </ActionIcon>
  )
}

const RUNS: readonly Command[] = ["run.all", "run.above", "run.below"]

function RunMenu() {
  const { notebook, act } = useDesk()
  const isBusy = useStore(notebook.state, (state) => state.session?.state === "busy")
  return (
    <span className={css["pair"]}>
      {isBusy ? (
        <Button variant="filled" className={css["run"]} leftSection={<IconPlayerStopFilled size={13} />} onClick={() => act("kernel.interrupt")}>
          Interrupt
        </Button>
      ) : (
        <Button variant="filled" className={css["run"]} leftSection={<IconPlayerPlayFilled size={13} />} onClick={() => act("run.all")}>
          Run all
        </Button>
      )}
      <Menu width={300}>
        <Menu.Target>
          <Button variant="filled" className={css["arrow"]} aria-label="More ways to run">
            <IconChevronDown size={14} aria-hidden="true" />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {RUNS.map((command) => (
            <Item key={command} command={command} />
          ))}
          <Item command="kernel.restartRunAll" />
          <Menu.Divider />
          <Menu.Item onClick={() => notebook.view.change((was) => ({ ...was, dialog: { open: "run" } }))}>Run with parameters…</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </span>
  )
}

function Item({ command }: { readonly command: Command }) {
  const { act } = useDesk()
  const keys = keysOf(command)
  return (
    <Menu.Item onClick={() => act(command)} rightSection={keys === "" ? undefined : <kbd>{keys}</kbd>}>
      {wordsOf(command)}
    </Menu.Item>
  )
}

function MoreMenu({ info }: { readonly info: NotebookInfo }) {
  const { notebook } = useDesk()
  const may = useMay()
  const open = (dialog: Dialog) => () => notebook.view.change((was) => ({ ...was, dialog }))
  return (
    <Menu width={280}>
      <Menu.Target>
        <ActionIcon aria-label="More about this notebook" size={30}>
          <IconDots size={16} aria-hidden="true" />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Go} href={versionsHref(info.id)}>
          Versions
        </Menu.Item>
        <Menu.Item component={Go} href={runsHref({ notebook: info.id })}>
          Runs of this notebook
        </Menu.Item>
        <Menu.Item onClick={open({ open: "subscribe" })}>Subscribe to its runs…</Menu.Item>
        <Menu.Item onClick={open({ open: "share" })}>Share</Menu.Item>
        <Item command="rail.readiness" />
        <Menu.Divider />
        {may.edit && <Item command="save" />}
        {may.edit && <Item command="saveNamed" />}
        <Menu.Item onClick={open({ open: "copy" })}>Make a copy</Menu.Item>
        {may.edit && <Menu.Item onClick={open({ open: "propose" })}>Propose as template…</Menu.Item>}
        <Menu.Item component="a" href={`/api/v1/notebooks/${encodeURIComponent(info.id)}/content`} download={`${info.title}.ipynb`}>
          Download the newest version
        </Menu.Item>
        <Item command="print" />
        <Menu.Divider />
        <Item command="find" />
        {may.edit && <Item command="replace" />}
        <Item command="all.toggleCode" />
        <Item command="all.toggleOutput" />
        {may.edit && <Item command="outputs.clearAll" />}
        <Item command="all.lines" />
        <Menu.Divider />
        <Item command="palette" />
        <Item command="keys" />
      </Menu.Dropdown>
    </Menu>
  )
}
