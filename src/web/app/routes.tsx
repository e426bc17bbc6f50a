/** Which screen stands at which address. Each is loaded when somebody goes there. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { parseFilters, writeFilters } from "#web/app/filters.ts"
import { Broken, Coming, NoSuchPage } from "#web/app/odd-pages.tsx"
import { Shell } from "#web/app/shell.tsx"

const root = createRootRoute({ component: Shell, notFoundComponent: NoSuchPage })

/** `load` brings a module in which the screen is called `name`. */
function page<Name extends string>(path: string, load: () => Promise<{ readonly [N in Name]: () => ReactNode }>, name: Name) {
  return createRoute({
    getParentRoute: () => root,
    path,
    component: lazyRouteComponent(load as unknown as () => Promise<Record<string, never>>, name),
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

const home = () => import("#web/home/home-page.tsx")
const space = () => import("#web/space/space-page.tsx")
const versions = () => import("#web/versions/versions-page.tsx")
const settings = () => import("#web/settings/settings-page.tsx")

const tree = root.addChildren([
  page("/", home, "HomePage"),
  page("/inbox", () => import("#web/inbox/inbox-page.tsx"), "InboxPage"),
  page("/spaces", () => import("#web/space/spaces-page.tsx"), "SpacesPage"),
  page("/spaces/$space", space, "SpacePage"),
  page("/spaces/$space/$", space, "SpacePage"),
  page("/trash", () => import("#web/space/trash-page.tsx"), "TrashPage"),
  page("/n/$space/$", () => import("#web/space/by-path-page.tsx"), "ByPathPage"),
  page("/search", () => import("#web/search/search-page.tsx"), "SearchPage"),
  page("/settings", settings, "SettingsPage"),
  page("/settings/$part", settings, "SettingsPage"),
  page("/components", () => import("#web/components/components-page.tsx"), "ComponentsPage"),
  moved("/people", "/settings/people"),
  moved("/health", "/settings/health"),
  page("/runs", () => import("#web/runs/runs-page.tsx"), "RunsPage"),
  page("/runs/$run", () => import("#web/run/run-page.tsx"), "RunPage"),
  page("/templates", () => import("#web/templates/templates-page.tsx"), "TemplatesPage"),
  page("/templates/$", () => import("#web/templates/template-page.tsx"), "TemplatePage"),
  page("/proposals/$proposal", () => import("#web/templates/proposal-page.tsx"), "ProposalPage"),
  page("/notebooks/$notebook", () => import("#web/notebook/notebook-page.tsx"), "NotebookPage"),
  page("/notebooks/$notebook/versions", versions, "VersionsPage"),
  page("/notebooks/$notebook/versions/$version", versions, "VersionsPage"),
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
