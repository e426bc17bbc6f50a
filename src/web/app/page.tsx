/** What every screen stands in: its title, where it is, what can be done with it. */
import { Menu } from "@mantine/core"
import { IconChevronRight, IconMenu2 } from "@tabler/icons-react"
import { Fragment, type ReactNode, useEffect } from "react"
import { useApi } from "#web/app/api.ts"
import { Go } from "#web/app/go.tsx"
import { useShell } from "#web/app/nav-state.ts"
import css from "#web/app/page.module.css"

/** `space`: by its name; it is called what its title says, as everywhere else, as soon as that is known. */
export type Crumb = { readonly label: string; readonly href?: string; readonly space?: string }

type Props = {
  /** In the tab, and the last part of the breadcrumb unless `crumbs` ends with it. */
  readonly title: string
  /** From the outermost to this page itself. */
  readonly crumbs?: readonly Crumb[]
  /** Buttons at the right end of the top bar. */
  readonly actions?: ReactNode
  /** Between breadcrumb and actions: a saved state, who else is here. */
  readonly aside?: ReactNode
  /** `reading`: a column of text; `wide`: lists and tables (usual); `full`: to the edges, without padding. */
  readonly width?: "reading" | "wide" | "full"
  readonly children: ReactNode
}

export function Page({ title, crumbs, actions, aside, width = "wide", children }: Props) {
  const trail = crumbs ?? [{ label: title }]
  useTitle(title)
  return (
    <>
      <header className={css["top"]}>
        <MenuButton />
        <nav className={css["crumbs"]} aria-label="Where">
          <Trail trail={trail} />
        </nav>
        <div className={css["aside"]}>{aside}</div>
        <div className={css["actions"]}>{actions}</div>
      </header>
      <main id="main" tabIndex={-1} className={`${css["main"]} ${css[width]}`}>
        {children}
      </main>
    </>
  )
}

const MOST = 4

/** Of a long way the beginning and the end, and what is between them in a menu. */
function Trail({ trail: given }: { readonly trail: readonly Crumb[] }) {
  const trail = useTitled(given)
  const between = trail.length > MOST ? trail.slice(1, -2) : []
  const last = trail.length - 1
  return trail.map(({ label, href }, at) => {
    if (at > 1 && at <= between.length) return null
    return (
      <Fragment key={`${label} ${href ?? at}`}>
        {at > 0 && <IconChevronRight size={13} aria-hidden="true" className={css["step"]} />}
        {at === 1 && between.length > 0 ? <Between crumbs={between} /> : <CrumbLink label={label} href={href} isLast={at === last} />}
      </Fragment>
    )
  })
}

function useTitled(trail: readonly Crumb[]): readonly Crumb[] {
  const { data } = useApi("listSpaces", { query: {} }, { enabled: trail.some(({ space }) => space !== undefined) })
  return trail.map((crumb) => ({ ...crumb, label: data?.items.find(({ name }) => name === crumb.space)?.title ?? crumb.label }))
}

function Between({ crumbs }: { readonly crumbs: readonly Crumb[] }) {
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <button type="button" className={css["between"]} aria-label="Folders between">
          …
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {crumbs.map(({ label, href }) => (
          <Menu.Item key={href ?? label} component={Go} href={href ?? ""}>
            <bdi>{label}</bdi>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

/** A label of so many letters is shown whole, however little room there is; one of so many where the screen is wide. */
const [SHORT, MIDDLING] = [7, 14]

function lengthOf(label: string): string | undefined {
  return label.length <= SHORT ? "short" : label.length <= MIDDLING ? "middling" : undefined
}

function CrumbLink({ label, href, isLast }: { readonly label: string; readonly href: string | undefined; readonly isLast: boolean }) {
  if (isLast || href === undefined)
    return (
      <bdi className={isLast ? css["here"] : css["crumb"]} aria-current={isLast ? "page" : undefined} title={label} data-length={lengthOf(label)}>
        {label}
      </bdi>
    )
  return (
    <Go href={href} className={css["crumb"]} title={label} data-length={lengthOf(label)}>
      <bdi>{label}</bdi>
    </Go>
  )
}

function MenuButton() {
  const { openMenu } = useShell()
  return (
    <button type="button" className={css["menu"]} onClick={openMenu} aria-label="Menu">
      <IconMenu2 size={18} aria-hidden="true" />
    </button>
  )
}

/** Names the tab; and who hears the page rather than sees it begins at its content when they came by a link. */
function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === "Stet" ? title : `${title} · Stet`
    const { pathname } = globalThis.location
    if (pathname !== place.path) place.hasMoved = true
    place.path = pathname
    // The link that was followed is gone, and nothing else has the focus.
    if (place.hasMoved && document.activeElement === document.body) document.getElementById("main")?.focus({ preventScroll: true })
  }, [title])
}

/** Where one is, and whether one has gone anywhere since the page was loaded: then the browser itself decides where to begin. */
const place = { path: globalThis.location?.pathname ?? "", hasMoved: false }
