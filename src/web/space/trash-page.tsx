import { Page } from "#web/app/page.tsx"

export function TrashPage() {
  return <Page title="TrashPage">{null}</Page>
}
