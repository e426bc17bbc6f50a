/** Whether those who may not edit a notebook see its code: who administers it decides, everybody else is told. */
import { Switch } from "@mantine/core"
import { useState } from "react"
import { api, useForget } from "#web/app/api.ts"
import { Wrong } from "#web/app/problem.tsx"
import { toast } from "#web/app/toast.tsx"
import css from "#web/share/share.module.css"

type Props = { readonly notebook: { readonly id: string; readonly title: string; readonly codeHidden: boolean }; readonly mayDecide: boolean }

const WHAT = "They see its results as reports: what was shown on purpose, without source, errors or anything that was printed."

export function CodeSwitch({ notebook, mayDecide }: Props) {
  const forget = useForget()
  const [isHidden, setHidden] = useState(notebook.codeHidden)
  const [isSending, setSending] = useState(false)
  const [error, setError] = useState<unknown>()
  if (!mayDecide && !isHidden) return null
  const decide = async (next: boolean) => {
    setHidden(next)
    setSending(true)
    setError(undefined)
    try {
      await api.call("hideCode", { params: { notebook: notebook.id }, body: { isHidden: next } })
      toast(
        next ? `The code of “${notebook.title}” is hidden from those who may not edit it.` : `Everybody who reads “${notebook.title}” sees its code.`,
      )
      await forget()
    } catch (thrown) {
      setHidden(!next)
      setError(thrown)
    }
    setSending(false)
  }
  return (
    <section>
      <h3>Code</h3>
      {mayDecide ? (
        <Switch
          label="Hide the code from those who may not edit"
          description={WHAT}
          checked={isHidden}
          disabled={isSending}
          onChange={({ currentTarget: { checked } }) => void decide(checked)}
        />
      ) : (
        <p className={css["quiet"]}>It is hidden from those who may not edit. {WHAT}</p>
      )}
      <Wrong error={error} />
    </section>
  )
}
