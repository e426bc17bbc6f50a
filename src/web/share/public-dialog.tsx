/** Links with which anybody reads a result: made, told once, and withdrawn. */
import { Button, Modal, Switch } from "@mantine/core"
import { useState } from "react"
import { api, useApi } from "#web/app/api.ts"
import { CopyField } from "#web/app/copy-field.tsx"
import { Problem, Wrong } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { Time } from "#web/app/time.tsx"
import { toast, toastError } from "#web/app/toast.tsx"
import css from "#web/share/share.module.css"

type Props = { readonly run: string; readonly hidesCode: boolean; readonly onClose: () => void }

export function PublicDialog({ run, hidesCode, onClose }: Props) {
  const found = useApi("listPublicResults", { params: { run } })
  const [withCode, setWithCode] = useState(false)
  const [made, setMade] = useState("")
  const [error, setError] = useState<unknown>()
  const make = async () => {
    setError(undefined)
    try {
      setMade((await api.call("publishResult", { params: { run }, body: { withCode: withCode && !hidesCode } })).url)
      await found.refetch()
    } catch (thrown) {
      setError(thrown)
    }
  }
  const withdraw = async (link: string) => {
    try {
      await api.call("withdrawPublicResult", { params: { run, link } })
      setMade("")
      toast("The link is withdrawn: it leads nowhere now.")
    } catch (thrown) {
      toastError(thrown)
    }
    await found.refetch()
  }
  return (
    <Modal opened onClose={onClose} title="Public link to this result" size="lg">
      <div className={css["parts"]}>
        <section>
          <p className={css["quiet"]}>Whoever has the link reads this result, signed in or not. They see nothing else, and no later run.</p>
          {!hidesCode && (
            <Switch label="Show the code as well" checked={withCode} onChange={({ currentTarget: { checked } }) => setWithCode(checked)} mb={12} />
          )}
          {made === "" ? (
            <Button variant="filled" onClick={make}>
              Make a link
            </Button>
          ) : (
            <>
              <CopyField text={made} label="Public link" />
              <p className={css["quiet"]}>Copy it now: it is shown this once, and not kept.</p>
            </>
          )}
          <Wrong error={error} />
        </section>
        {found.error && <Problem error={found.error} retry={found.refetch} />}
        {found.isPending && <SkeletonRows rows={1} />}
        {found.data && found.data.items.length > 0 && (
          <section>
            <h3>Links that lead here</h3>
            <ul className={css["grants"]}>
              {found.data.items.map(({ id, madeBy, madeAt, withCode: shows }) => (
                <li key={id}>
                  <span>
                    <bdi>{madeBy.name}</bdi>, <Time at={madeAt} />
                    {shows ? ", with the code" : ""}
                  </span>
                  <Button variant="subtle" onClick={() => withdraw(id)}>
                    Withdraw
                  </Button>
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </Modal>
  )
}
