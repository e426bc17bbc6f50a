import { ActionIcon, Menu, useMantineColorScheme } from "@mantine/core"
import {
  IconBook2,
  IconDeviceDesktop,
  IconFolder,
  IconHome,
  IconInbox,
  IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand,
  IconLogout,
  IconMoon,
  IconPlayerPlay,
  type IconProps,
  IconSearch,
  IconSettings,
  IconRubberStamp as IconStamp,
  IconSun,
  IconUser,
} from "@tabler/icons-react"
import { useLocation } from "@tanstack/react-router"
import type { ComponentType } from "react"
import { api, useApi } from "#web/app/api.ts"
import { Go } from "#web/app/go.tsx"
import { useMe } from "#web/app/me.ts"
import css from "#web/app/nav.module.css"
import { useShell } from "#web/app/nav-state.ts"
import { Disc } from "#web/app/person.tsx"
import { folderAt, spaceHref } from "#web/app/places.ts"
import { toastError } from "#web/app/toast.tsx"

const MODIFIER = /Mac|iPhone|iPad/u.test(globalThis.navigator?.platform ?? "") ? "⌘" : "Ctrl "

export function Nav({ isFolded }: { readonly isFolded: boolean }) {
  const { openPalette, fold } = useShell()
  const Fold = isFolded ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse
  return (
    <nav className={`${css["nav"]} ${isFolded ? css["folded"] : ""}`} aria-label="Main">
      <div className={css["head"]}>
        <Go href="/" className={css["mark"]} aria-label="stet, home">
          <span>{isFolded ? "s" : "stet"}</span>
        </Go>
        <ActionIcon
          className={css["fold"]}
          onClick={() => fold(!isFolded)}
          aria-label={isFolded ? "Show the navigation" : "Fold the navigation away"}
        >
          <Fold size={17} stroke={1.6} aria-hidden="true" />
        </ActionIcon>
      </div>
      <button type="button" className={css["ask"]} onClick={openPalette} aria-label={isFolded ? "Search" : undefined}>
        <IconSearch size={15} stroke={1.8} aria-hidden="true" />
        <span className={css["word"]}>Search</span>
        <kbd className={css["word"]}>{MODIFIER}K</kbd>
      </button>
      <NavLink href="/" icon={IconHome} word="Home" isExact />
      <InboxLink />
      <NavLink href="/templates" icon={IconStamp} word="Templates" />
      <NavLink href="/runs" icon={IconPlayerPlay} word="Runs" />
      {isFolded ? <div className={css["fill"]} /> : <Spaces />}
      <div className={css["foot"]}>
        <NavLink href="/settings" icon={IconSettings} word="Settings" />
        <Account />
      </div>
    </nav>
  )
}

type LinkProps = {
  readonly href: string
  readonly icon: ComponentType<IconProps>
  readonly word: string
  readonly isExact?: boolean
  readonly count?: number
}

function NavLink({ href, icon: Icon, word, isExact = false, count = 0 }: LinkProps) {
  const { pathname } = useLocation()
  const isHere = isExact ? pathname === href : pathname === href || pathname.startsWith(`${href}/`)
  return (
    <Go href={href} className={css["link"]} aria-current={isHere ? "page" : undefined} title={word}>
      <Icon size={16} stroke={1.6} aria-hidden="true" />
      <span className={css["word"]}>{word}</span>
      {count > 0 && (
        <span className={css["count"]}>
          {count > 99 ? "99+" : count}
          <span className="unseen"> unread</span>
        </span>
      )}
    </Go>
  )
}

function InboxLink() {
  const { data } = useApi("countInbox", {}, { everyMs: 20_000 })
  return <NavLink href="/inbox" icon={IconInbox} word="Inbox" count={data?.unread ?? 0} />
}

function Spaces() {
  const { pathname } = useLocation()
  const { data } = useApi("listSpaces", { query: {} })
  const here = pathname.startsWith("/spaces/") ? folderAt(pathname).space : ""
  return (
    <div className={css["spaces"]}>
      <Go href="/spaces" className={css["label"]}>
        Spaces
      </Go>
      {data?.items.map(({ id, name, title }) => (
        <Go key={id} href={spaceHref(name)} className={css["link"]} aria-current={here === name || here === id ? "page" : undefined} title={title}>
          <IconFolder size={16} stroke={1.6} aria-hidden="true" />
          <bdi className={css["word"]}>{title}</bdi>
        </Go>
      ))}
    </div>
  )
}

const SCHEMES = [
  ["auto", "As the system", IconDeviceDesktop],
  ["light", "Light", IconSun],
  ["dark", "Dark", IconMoon],
] as const

function Account() {
  const me = useMe()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Menu position="top-start" width={220}>
      <Menu.Target>
        <button type="button" className={css["account"]}>
          <Disc person={me.person} size={22} />
          <span className="unseen">Account of </span>
          <bdi className={css["name"]}>{me.person.name}</bdi>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Go} href="/settings/profile" leftSection={<IconUser size={15} />}>
          Profile
        </Menu.Item>
        <Menu.Item component="a" href="/api/docs" leftSection={<IconBook2 size={15} />}>
          The API
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Appearance</Menu.Label>
        {SCHEMES.map(([scheme, word, Icon]) => (
          <Menu.Item
            key={scheme}
            leftSection={<Icon size={15} />}
            rightSection={colorScheme === scheme ? "✓" : undefined}
            onClick={() => setColorScheme(scheme)}
          >
            {word}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={15} />} onClick={leave}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

async function leave(): Promise<void> {
  try {
    await api.call("signOut", {})
    globalThis.location.assign("/sign-in")
  } catch (error) {
    toastError(error)
  }
}
