import { Page } from "#web/app/page.tsx"

export function HomePage() {
  return <Page title="HomePage">{null}</Page>
}
