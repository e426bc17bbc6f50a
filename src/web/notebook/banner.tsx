/** What has to be known before one goes on: the server is away, the kernel has died, one may only read. */
import { Button } from "@mantine/core"
import { IconAlertTriangle, IconCloudOff, IconEye, IconRefresh } from "@tabler/icons-react"
import { type ReactNode, useEffect, useRef, useState } from "react"
import { useSaysServerIsAway } from "#web/app/server-banner.tsx"
import { isSignedOut, noteSignedOut } from "#web/app/sign-in.ts"
import { CLOSED_WITH as CLOSED } from "#web/notebook/closed-with.ts"
import type { NotebookInfo } from "#web/notebook/crumbs.ts"
import { useDesk } from "#web/notebook/desk.tsx"
import css from "#web/notebook/notebook.module.css"
import { OriginStrip } from "#web/notebook/origin-strip.tsx"
import { useStore } from "#web/notebook/use-store.ts"

/** A blip that is over before one has read of it is not worth a word. */
const BLIP_MS = 1_200

export function Banner({ info }: { readonly info: NotebookInfo }) {
  return (
    <>
      <LineBanner />
      <OldPageBanner />
      <OriginStrip notebook={info.id} />
      <KernelBanner />
      <EndedBanner />
      <ReadOnlyBanner info={info} />
    </>
  )
}

function LineBanner() {
  const { notebook } = useDesk()
  const line = useStore(notebook.live.line, (state) => state.state)
  const code = useStore(notebook.live.line, (state) => state.code)
  const [isLong, setLong] = useState(false)
  useSaysServerIsAway()
  useEffect(() => {
    if (line !== "away") return setLong(false)
    const timer = setTimeout(() => setLong(true), BLIP_MS)
    return () => clearTimeout(timer)
  }, [line])
  if (line === "over") return <OverBanner code={code} />
  if (line !== "away" || !isLong) return null
  return (
    <Strip kind="warn" icon={<IconCloudOff size={16} aria-hidden="true" />} action={<Button onClick={() => notebook.live.retry()}>Try now</Button>}>
      The server cannot be reached. What you edit is kept on this device and merged when it is back; cells cannot be run until then.
    </Strip>
  )
}

function OldPageBanner() {
  const { notebook } = useDesk()
  const isPageOld = useStore(notebook.state, (state) => state.isPageOld)
  if (!isPageOld) return null
  return (
    <Strip
      kind="warn"
      icon={<IconRefresh size={16} aria-hidden="true" />}
      action={<Button onClick={() => globalThis.location.reload()}>Reload</Button>}
    >
      Stet has been updated since this page was opened. What you type is kept; reload to go on editing cells.
    </Strip>
  )
}

function OverBanner({ code }: { readonly code: number }) {
  const icon = <IconAlertTriangle size={16} aria-hidden="true" />
  if (code === CLOSED.notSignedIn) return <SignedOutBanner />
  return (
    <Strip kind="warn" icon={icon}>
      {code === CLOSED.gone ? "This notebook is not there any more." : "You may not open this notebook any more. Ask its owner if that is a mistake."}
    </Strip>
  )
}

/** Stands behind what covers the page until one is signed in; then the line is taken up, and brings what was typed meanwhile. */
function SignedOutBanner() {
  const { notebook } = useDesk()
  useEffect(() => {
    noteSignedOut()
    return isSignedOut.subscribe(() => isSignedOut.get() || notebook.live.retry())
  }, [notebook])
  return (
    <Strip kind="warn" icon={<IconAlertTriangle size={16} aria-hidden="true" />} action={<Button onClick={noteSignedOut}>Sign in</Button>}>
      You are signed out. What you edited is kept on this device; sign in to go on.
    </Strip>
  )
}

function KernelBanner() {
  const { notebook, act } = useDesk()
  const session = useStore(notebook.state, (state) => state.session)
  if (!session || (session.state !== "dead" && session.state !== "lost")) return null
  const said =
    session.explanation ||
    (session.state === "dead"
      ? "The kernel has died. Its variables are gone; the outputs are kept."
      : "The kernel was lost with the machine that it ran on. Its variables are gone; the outputs are kept.")
  return (
    <Strip
      kind="failed"
      icon={<IconAlertTriangle size={16} aria-hidden="true" />}
      action={
        <>
          <Button onClick={() => act("kernel.restart")}>Restart</Button>
          <Button onClick={() => act("kernel.restartRunAll")}>Restart and run all</Button>
        </>
      }
    >
      {said}
    </Strip>
  )
}

/** The session ended while one was here, and not because one ended it. */
function EndedBanner() {
  const { notebook } = useDesk()
  const session = useStore(notebook.state, (state) => state.session)
  const you = useStore(notebook.state, (state) => state.you)
  const lived = useRef("")
  const [known, setKnown] = useState("")
  useEffect(() => {
    if (session && session.state !== "ended" && session.state !== "lost") lived.current = session.id
  }, [session])
  if (session?.state !== "ended" || lived.current !== session.id || known === session.id) return null
  if (session.explanation === "" || session.explanation === `${you?.name} ended it.`) return null
  return (
    <Strip
      kind="warn"
      icon={<IconAlertTriangle size={16} aria-hidden="true" />}
      action={
        <>
          {you?.mayRun && <Button onClick={() => notebook.live.ask({ do: "start" })}>Start the kernel</Button>}
          <Button variant="subtle" onClick={() => setKnown(session.id)}>
            Close
          </Button>
        </>
      }
    >
      The session has ended. {session.explanation}
    </Strip>
  )
}

function ReadOnlyBanner({ info }: { readonly info: NotebookInfo }) {
  const { notebook } = useDesk()
  const you = useStore(notebook.state, (state) => state.you)
  if (!you || you.mayEdit) return null
  return (
    <Strip
      kind="quiet"
      icon={<IconEye size={16} aria-hidden="true" />}
      action={<Button onClick={() => notebook.view.change((was) => ({ ...was, dialog: { open: "copy" } }))}>Make a copy</Button>}
    >
      {you.mayRun ? "You may run this notebook, not edit it." : "You may read this notebook."} {info.owner.name} owns it.
    </Strip>
  )
}

type StripProps = { readonly kind: "warn" | "failed" | "quiet"; readonly icon: ReactNode; readonly action?: ReactNode; readonly children: ReactNode }

function Strip({ kind, icon, action, children }: StripProps) {
  return (
    <div className={css["strip"]} data-kind={kind} role={kind === "quiet" ? "note" : "alert"}>
      {icon}
      <span>{children}</span>
      {action}
    </div>
  )
}
