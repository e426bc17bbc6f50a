/** Proposing what stands here now: it is saved as a version first, because a proposal is of one. */
import { useEffect, useState } from "react"
import { toast } from "#web/app/toast.tsx"
import type { NotebookInfo } from "#web/notebook/crumbs.ts"
import { useDesk } from "#web/notebook/desk.tsx"
import { ProposeDialog } from "#web/templates/propose-dialog.tsx"

export function Propose({ info, onClose }: { readonly info: NotebookInfo; readonly onClose: () => void }) {
  const { notebook } = useDesk()
  const [version, setVersion] = useState<number>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the dialog is asked for
  useEffect(() => {
    const save = async () => {
      const answer = await notebook.live.ask({ do: "save" })
      if (answer.ok) return setVersion(answer.value.version)
      toast({ text: `${answer.refusal.message} ${answer.refusal.remedy}`.trim(), kind: "failed" })
      onClose()
    }
    void save()
  }, [])
  return version === undefined ? null : <ProposeDialog notebook={{ ...info, latest: version }} onClose={onClose} />
}
