/** What the groups of routes are, for who reads the OpenAPI document or its page. */
import type { Route, Tag } from "#api/contract/route.ts"

const ABOUT: Readonly<Record<Tag, string>> = {
  People: "Signing in, sessions, tokens, people, groups and service accounts.",
  Library: "Spaces, notebooks, their versions and the files beside them; import and export.",
  Runs: "Launching a version with parameters; watching, cancelling and reading what came of it.",
  Environments: "What kernels run in, and what packages brought to it.",
  Inbox: "What waits for the one who asks.",
  Comments: "What is said of cells.",
  Templates: "Proven versions that are run by name; proposals, reviews and evidence.",
  Tests: "Test cases of notebooks, and their runs.",
  "Live sessions": "Kernels that belong to drafts, and runs that are opened live.",
  Subscriptions: "Who hears of runs, and by which way.",
  Agents: "Templates as tools of the Model Context Protocol.",
  Operation: "Health, workers and the audit.",
}

/** Each once, in the order of the routes. */
export function tagsOf(routes: readonly Pick<Route, "tag">[]): readonly { readonly name: Tag; readonly description: string }[] {
  return [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name, description: ABOUT[name] }))
}
