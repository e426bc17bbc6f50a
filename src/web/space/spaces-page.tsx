import { Page } from "#web/app/page.tsx"

export function SpacesPage() {
  return <Page title="SpacesPage">{null}</Page>
}
