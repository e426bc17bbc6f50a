import { Page } from "#web/app/page.tsx"

export function InboxPage() {
  return <Page title="InboxPage">{null}</Page>
}
