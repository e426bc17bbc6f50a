/** The frame around every screen: navigation at the left, the screen beside it, messages at the foot. */
import { Drawer } from "@mantine/core"
import { useHotkeys, useLocalStorage } from "@mantine/hooks"
import { useQuery } from "@tanstack/react-query"
import { Outlet, useLocation } from "@tanstack/react-router"
import { useCallback, useEffect, useMemo, useState } from "react"
import { firstFocus } from "#web/app/first-focus.ts"
import { returnFocus } from "#web/app/focus-return.ts"
import { meAsked } from "#web/app/me.ts"
import { Nav } from "#web/app/nav.tsx"
import { ShellContext, type Shell as ShellState } from "#web/app/nav-state.ts"
import { Problem } from "#web/app/problem.tsx"
import { ServerBanner } from "#web/app/server-banner.tsx"
import css from "#web/app/shell.module.css"
import { SignedOut } from "#web/app/signed-out.tsx"
import { Toasts } from "#web/app/toast.tsx"
import { PaletteSoon } from "#web/palette/palette-soon.tsx"

export function Shell() {
  const me = useQuery({ ...meAsked, staleTime: 60_000 })
  if (me.error && !me.data)
    return (
      <div className={css["lone"]}>
        <Problem error={me.error} retry={me.refetch} />
      </div>
    )
  return me.data ? <Frame /> : <div className={css["waiting"]} role="status" aria-label="Loading" />
}

function Frame() {
  const [isOpen, setOpen] = useState(false)
  const [isAsking, setAsking] = useState(false)
  const [isFolded, fold] = useLocalStorage({ key: "stet-nav-folded", defaultValue: false, getInitialValueInEffect: false })
  const { pathname } = useLocation()
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever goes somewhere is done with the menu
  useEffect(() => setOpen(false), [pathname])
  useHotkeys([["mod+K", () => setAsking((is) => !is)]], [], true)
  useEffect(() => firstFocus(document), [])
  useEffect(() => returnFocus(document), [])
  const close = useCallback(() => setAsking(false), [])
  const shell = useMemo<ShellState>(() => ({ openMenu: () => setOpen(true), openPalette: () => setAsking(true), isFolded, fold }), [isFolded, fold])
  return (
    <ShellContext.Provider value={shell}>
      <a className={css["skip"]} href="#main">
        Skip to the content
      </a>
      <div className={`${css["frame"]} ${isFolded ? css["folded"] : ""}`}>
        <div className={css["side"]}>
          <Nav isFolded={isFolded} />
        </div>
        <div className={css["screen"]}>
          <ServerBanner />
          <Outlet />
        </div>
      </div>
      <Drawer
        opened={isOpen}
        onClose={() => setOpen(false)}
        size={280}
        padding={0}
        withCloseButton={false}
        title="Menu"
        classNames={{ header: "unseen" }}
      >
        <Nav isFolded={false} />
      </Drawer>
      {isAsking && <PaletteSoon onClose={close} />}
      <Toasts />
      <SignedOut />
    </ShellContext.Provider>
  )
}
