/** Which screen stands at which address. Each is loaded when somebody goes there. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router"
import { parseFilters, writeFilters } from "#web/app/filters.ts"
import { Broken, Coming, NoSuchPage } from "#web/app/odd-pages.tsx"
import { Shell } from "#web/app/shell.tsx"

const root = createRootRoute({ component: Shell, notFoundComponent: NoSuchPage })

// Pages that other rooms of the app are still to bring are taken when they are there.
const found = import.meta.glob<Record<string, never>>(["../runs/*-page.tsx", "../run/*-page.tsx", "../versions/*-page.tsx", "../notebook/*-page.tsx"])

function page<Name extends string>(path: string, load: (() => Promise<Record<Name, never>>) | undefined, name: Name) {
  return createRoute({
    getParentRoute: () => root,
    path,
    component: load ? lazyRouteComponent(load as () => Promise<Record<string, never>>, name) : NoSuchPage,
  })
}

function moved(path: string, to: string) {
  return createRoute({
    getParentRoute: () => root,
    path,
    beforeLoad: () => {
      throw redirect({ href: to, replace: true })
    },
  })
}

const home = () => import("#web/home/home-page.tsx") as Promise<never>
const space = () => import("#web/space/space-page.tsx") as Promise<never>
const settings = () => import("#web/settings/settings-page.tsx") as Promise<never>

const tree = root.addChildren([
  page("/", home, "HomePage"),
  page("/inbox", () => import("#web/inbox/inbox-page.tsx") as Promise<never>, "InboxPage"),
  page("/spaces", () => import("#web/space/spaces-page.tsx") as Promise<never>, "SpacesPage"),
  page("/spaces/$space", space, "SpacePage"),
  page("/spaces/$space/$", space, "SpacePage"),
  page("/trash", () => import("#web/space/trash-page.tsx") as Promise<never>, "TrashPage"),
  page("/n/$space/$", () => import("#web/space/by-path-page.tsx") as Promise<never>, "ByPathPage"),
  page("/search", () => import("#web/search/search-page.tsx") as Promise<never>, "SearchPage"),
  page("/settings", settings, "SettingsPage"),
  page("/settings/$part", settings, "SettingsPage"),
  moved("/people", "/settings/people"),
  moved("/health", "/settings/health"),
  page("/runs", found["../runs/runs-page.tsx"], "RunsPage"),
  page("/runs/$run", found["../run/run-page.tsx"], "RunPage"),
  page("/notebooks/$notebook", found["../notebook/notebook-page.tsx"], "NotebookPage"),
  page("/notebooks/$notebook/versions", found["../versions/versions-page.tsx"], "VersionsPage"),
  page("/notebooks/$notebook/versions/$version", found["../versions/versions-page.tsx"], "VersionsPage"),
])

export const router = createRouter({
  routeTree: tree,
  parseSearch: parseFilters,
  stringifySearch: (search) => writeFilters(search as never),
  scrollRestoration: true,
  defaultPreload: false,
  defaultPendingComponent: Coming,
  defaultPendingMs: 150,
  defaultErrorComponent: Broken,
})
