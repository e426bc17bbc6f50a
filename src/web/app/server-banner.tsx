/** The server is away: said on every screen, and taken back by itself with everything asked anew. */
import { Button } from "@mantine/core"
import { IconCloudOff } from "@tabler/icons-react"
import { useEffect } from "react"
import { useForget } from "#web/app/api.ts"
import { server } from "#web/app/server.ts"
import css from "#web/app/server-banner.module.css"
import { storeOf } from "#web/notebook/store.ts"
import { useStore } from "#web/notebook/use-store.ts"

/** Screens that say it themselves, because they can say more. */
const said = storeOf(0)

export function useSaysServerIsAway(): void {
  useEffect(() => {
    said.change((count) => count + 1)
    return () => said.change((count) => count - 1)
  }, [])
}

export function ServerBanner() {
  const isAway = useStore(server.isAway, (is) => is)
  const isSaid = useStore(said, (count) => count > 0)
  const forget = useForget()
  useEffect(() => {
    const end = server.begin()
    const look = () => void server.look()
    for (const what of ["online", "offline", "focus"]) globalThis.addEventListener(what, look)
    return () => {
      for (const what of ["online", "offline", "focus"]) globalThis.removeEventListener(what, look)
      end()
    }
  }, [])
  useEffect(
    () =>
      server.isAway.subscribe(() => {
        if (!server.isAway.get()) void forget()
      }),
    [forget],
  )
  if (!isAway || isSaid) return null
  return (
    <div className={css["strip"]} role="alert">
      <IconCloudOff size={16} aria-hidden="true" />
      <span>The server cannot be reached. What you see is from before; it is tried again by itself.</span>
      <Button onClick={() => void server.look()}>Try now</Button>
    </div>
  )
}
