/** What can be done with a template beside running it. */
import { Button } from "@mantine/core"
import { IconBell, IconShare } from "@tabler/icons-react"
import { lazy, Suspense, useState } from "react"
import type { Answered } from "#api/contract.ts"
import { useApi } from "#web/app/api.ts"

const SubscribeDialog = lazy(() => import("#web/subscriptions/subscribe-dialog.tsx").then(({ SubscribeDialog: it }) => ({ default: it })))
const ShareDialog = lazy(() => import("#web/share/share-dialog.tsx").then(({ ShareDialog: it }) => ({ default: it })))

export function TemplateActions({ template: { name, notebook } }: { readonly template: Answered<"getTemplate"> }) {
  const [open, setOpen] = useState<"subscribe" | "share">()
  const shared = useApi("getNotebook", { params: { notebook: notebook.id } }, { enabled: open === "share" })
  const close = () => setOpen(undefined)
  return (
    <>
      <Button leftSection={<IconBell size={15} aria-hidden="true" />} onClick={() => setOpen("subscribe")}>
        Subscribe
      </Button>
      {!notebook.isGone && (
        <Button leftSection={<IconShare size={15} aria-hidden="true" />} onClick={() => setOpen("share")}>
          Share
        </Button>
      )}
      <Suspense>
        {open === "subscribe" && <SubscribeDialog of={{ template: name }} onClose={close} />}
        {open === "share" && shared.data && <ShareDialog of={{ kind: "notebook", notebook: shared.data }} onClose={close} />}
      </Suspense>
    </>
  )
}
