/** Which screen stands at which address. Each is loaded when somebody goes there. */
import type { QueryClient } from "@tanstack/react-query"
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router"
import type { ReactNode } from "react"
import { parseFilters, writeFilters } from "#web/app/filters.ts"
import { meAsked } from "#web/app/me.ts"
import { Broken, Coming, NoSuchPage } from "#web/app/odd-pages.tsx"
import { Shell } from "#web/app/shell.tsx"
import { askAhead } from "#web/notebook/early.ts"

type Context = { readonly queries: QueryClient }
type Ahead = (queries: QueryClient, params: Readonly<Record<string, string>>) => unknown

const root = createRootRouteWithContext<Context>()({
  component: Shell,
  notFoundComponent: NoSuchPage,
  loader: ({ context }) => void context.queries.prefetchQuery({ ...meAsked, staleTime: 60_000 }),
})

/** `load` brings a module in which the screen is called `name`; `ahead` asks meanwhile for what the screen will ask for first. */
function page<Name extends string>(path: string, load: () => Promise<{ readonly [N in Name]: () => ReactNode }>, name: Name, ahead?: Ahead) {
  return createRoute({
    getParentRoute: () => root,
    path,
    component: lazyRouteComponent(load as unknown as () => Promise<Record<string, never>>, name),
    // Not waited for: the screen shows what is coming, and its own answer when that does not come. Not for who only points at a link.
    loader: ({ context, params, cause }) => void (cause === "preload" || ahead?.(context.queries, params)),
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
  page(
    "/notebooks/$notebook",
    () => import("#web/notebook/notebook-page.tsx"),
    "NotebookPage",
    (queries, { notebook = "" }) => askAhead(queries, notebook),
  ),
  page("/notebooks/$notebook/versions", versions, "VersionsPage"),
  page("/notebooks/$notebook/versions/$version", versions, "VersionsPage"),
])

export function routerFor(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    parseSearch: parseFilters,
    stringifySearch: (search) => writeFilters(search as never),
    scrollRestoration: true,
    defaultPreload: false,
    defaultPendingComponent: Coming,
    defaultPendingMs: 150,
    // What is there is shown: nobody waits so that a placeholder has had its time.
    defaultPendingMinMs: 0,
    defaultErrorComponent: Broken,
  })
}
