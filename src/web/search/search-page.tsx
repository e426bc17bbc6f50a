import { Page } from "#web/app/page.tsx"

export function SearchPage() {
  return <Page title="SearchPage">{null}</Page>
}
