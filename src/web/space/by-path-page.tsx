import { Page } from "#web/app/page.tsx"

export function ByPathPage() {
  return <Page title="ByPathPage">{null}</Page>
}
