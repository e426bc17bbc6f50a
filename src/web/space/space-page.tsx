import { Page } from "#web/app/page.tsx"

export function SpacePage() {
  return <Page title="SpacePage">{null}</Page>
}
