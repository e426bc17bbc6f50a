/**
 * Whoever is signed out while they are at work keeps their screen as it is, covered so that nobody else reads it: they sign in in a window
 * beside, and go on with what they had typed. Who signs in as somebody else finds a fresh page.
 */
import { Button, Modal } from "@mantine/core"
import { useCallback, useEffect, useRef } from "react"
import { api, useForget } from "#web/app/api.ts"
import { useMe } from "#web/app/me.ts"
import { goSignIn, isSignedOut, standsForSomebody } from "#web/app/sign-in.ts"
import css from "#web/app/signed-out.module.css"
import { useStore } from "#web/notebook/use-store.ts"

/** On it every page says that somebody is signed in, to those of the same browser that wait for that. */
const CHANNEL = "stet-signed-in"
const NOTHING = () => {}

export function SignedOut() {
  const { person } = useMe()
  const isOut = useStore(isSignedOut, (is) => is)
  const beside = useRef<Window | null>(null)
  const forget = useForget()
  const look = useCallback(async () => {
    const session = await api.call("getSession", {}).catch(() => undefined)
    if (!session || !isSignedOut.get()) return
    beside.current?.close()
    if (session.person.id !== person.id) return globalThis.location.reload()
    isSignedOut.set(false)
    await forget()
  }, [person.id, forget])
  useEffect(() => {
    standsForSomebody()
    const channel = new BroadcastChannel(CHANNEL)
    const hear = () => void (isSignedOut.get() && look())
    channel.onmessage = hear
    channel.postMessage("")
    globalThis.addEventListener("focus", hear)
    return () => {
      channel.close()
      globalThis.removeEventListener("focus", hear)
    }
  }, [look])
  const signIn = () => {
    beside.current = globalThis.open("/sign-in", "stet-sign-in", "popup,width=520,height=640")
    if (beside.current === null) goSignIn()
  }
  return (
    <Modal
      opened={isOut}
      onClose={NOTHING}
      fullScreen
      withCloseButton={false}
      closeOnEscape={false}
      zIndex={2000}
      title="You are signed out"
      classNames={{ content: css["cover"]!, header: css["head"]!, body: css["body"]! }}
    >
      {/* Not at the button: whoever types when it comes would press it. */}
      <p tabIndex={-1} data-autofocus>
        Your session has expired, or was ended elsewhere. What you typed is still here, behind this page: sign in, and go on where you were.
      </p>
      <Button variant="filled" onClick={signIn}>
        Sign in as <bdi>{person.name}</bdi>
      </Button>
    </Modal>
  )
}
