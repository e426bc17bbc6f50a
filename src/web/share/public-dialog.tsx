/** Links with which anybody reads a result: made, told once, and withdrawn. */
import { Button, Modal, Switch } from "@mantine/core"
import { useState } from "react"
import type { Answered } from "#api/contract.ts"
import { api, useApi } from "#web/app/api.ts"
import { ConfirmDialog } from "#web/app/confirm-dialog.tsx"
import { CopyField } from "#web/app/copy-field.tsx"
import { Problem, Wrong } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { Time } from "#web/app/time.tsx"
import { toast } from "#web/app/toast.tsx"
import css from "#web/share/share.module.css"

type Link = Answered<"listPublicResults">["items"][number]
type Props = { readonly run: string; readonly notebook: string; readonly onClose: () => void }

export function PublicDialog({ run, notebook, onClose }: Props) {
  const found = useApi("listPublicResults", { params: { run } })
  const of = useApi("getNotebook", { params: { notebook } })
  const [made, setMade] = useState("")
  const withdraw = async (link: string) => {
    await api.call("withdrawPublicResult", { params: { run, link } })
    setMade("")
    toast("The link is withdrawn: it leads nowhere now.")
    await found.refetch()
  }
  const error = found.error ?? of.error
  return (
    <Modal opened onClose={onClose} title="Public link to this result" size="lg">
      <div className={css["parts"]}>
        {error ? <Problem error={error} retry={() => Promise.all([found.refetch(), of.refetch()])} /> : null}
        {!error && !(found.data && of.data) && <SkeletonRows rows={3} />}
        {of.data && (
          <NewLink
            run={run}
            hidesCode={of.data.codeHidden}
            made={made}
            onMade={(url) => {
              setMade(url)
              void found.refetch()
            }}
          />
        )}
        {found.data && found.data.items.length > 0 && <Links links={found.data.items} onWithdraw={withdraw} />}
      </div>
    </Modal>
  )
}

type NewProps = { readonly run: string; readonly hidesCode: boolean; readonly made: string; readonly onMade: (url: string) => void }

function NewLink({ run, hidesCode, made, onMade }: NewProps) {
  const [withCode, setWithCode] = useState(false)
  const [error, setError] = useState<unknown>()
  const make = async () => {
    setError(undefined)
    try {
      onMade((await api.call("publishResult", { params: { run }, body: { withCode: withCode && !hidesCode } })).url)
    } catch (thrown) {
      setError(thrown)
    }
  }
  return (
    <section>
      <p className={css["quiet"]}>
        Whoever has the link reads this result, signed in or not, until you withdraw it. They see nothing else, and no later run.{" "}
        {hidesCode && "The notebook hides its code, and so does every link: it shows prose and what cells displayed."}
      </p>
      {made === "" ? (
        <>
          {!hidesCode && (
            <Switch
              label="Show the code as well"
              description="Without it they see prose and what cells displayed: no source, no error, nothing that was printed."
              checked={withCode}
              onChange={({ currentTarget: { checked } }) => setWithCode(checked)}
              mb={12}
            />
          )}
          <Button variant="filled" onClick={make}>
            Make a link
          </Button>
        </>
      ) : (
        <>
          <CopyField text={made} label="Public link" />
          <p className={`${css["quiet"]} ${css["under"]}`}>
            Copy it now: it is shown this once, and not kept.{" "}
            <a href={made} target="_blank" rel="noopener">
              See what others see
            </a>
          </p>
        </>
      )}
      <Wrong error={error} />
    </section>
  )
}

function Links({ links, onWithdraw }: { readonly links: readonly Link[]; readonly onWithdraw: (link: string) => Promise<void> }) {
  const [asked, ask] = useState<Link>()
  return (
    <section>
      <h3>Links that lead here</h3>
      <ul className={css["grants"]} aria-label="Links that lead here">
        {links.map((link) => (
          <li key={link.id}>
            <span className={css["receiver"]}>
              <span>
                <bdi>{link.madeBy.name}</bdi>, <Time at={link.madeAt} />
                {link.withCode ? ", with the code" : ""}
              </span>
            </span>
            <Button variant="subtle" onClick={() => ask(link)}>
              Withdraw
            </Button>
          </li>
        ))}
      </ul>
      {asked && (
        <ConfirmDialog title="Withdraw this link?" action="Withdraw" onConfirm={() => onWithdraw(asked.id)} onClose={() => ask(undefined)}>
          <p>Whoever has it reads nothing any more, and it cannot be brought back: another link has another address.</p>
        </ConfirmDialog>
      )}
    </section>
  )
}
