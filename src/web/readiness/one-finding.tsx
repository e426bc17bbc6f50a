/** One finding: where, why, and what mends it, shown before it is done. */
import { Button } from "@mantine/core"
import { IconAlertTriangle, IconBulb, IconChevronRight } from "@tabler/icons-react"
import { useState } from "react"
import { type Finding, type Fix, mayDismiss } from "#notebook/index.ts"
import { actOnCells } from "#web/notebook/act-cells.ts"
import { useDesk, useMay } from "#web/notebook/desk.tsx"
import type { Desk } from "#web/notebook/desk-type.ts"
import { Dismissal } from "#web/readiness/dismissal.tsx"
import { applyFix, isForDraft, stillFits } from "#web/readiness/fix-draft.ts"
import { type Look, placeWords, plainWords } from "#web/readiness/look.ts"
import { changesOf } from "#web/readiness/preview.ts"
import css from "#web/readiness/readiness.module.css"
import { Sentence } from "#web/readiness/sentence.tsx"
import { show } from "#web/readiness/show.ts"

type Props = { readonly finding: Finding; readonly look: Look }

export function OneFinding({ finding, look }: Props) {
  const { desk } = useDesk()
  const may = useMay()
  const Icon = finding.kind === "breaks" ? IconAlertTriangle : IconBulb
  const said = (
    <>
      <span className={css["place"]} data-kind={finding.kind}>
        <Icon size={13} stroke={1.8} aria-hidden="true" />
        {placeWords(look.notebook, finding)}
      </span>
      <Sentence text={finding.why} />
    </>
  )
  return (
    <li data-dismissed={finding.dismissed !== undefined || undefined}>
      {finding.cell === "" ? (
        <div className={css["go"]}>{said}</div>
      ) : (
        <button type="button" className={css["go"]} onClick={() => show(desk, finding)}>
          {said}
        </button>
      )}
      {finding.dismissed !== undefined && (
        <p className={css["reason"]} dir="auto">
          {finding.dismissed}
        </p>
      )}
      {finding.dismissed === undefined && finding.fix && may.edit && isForDraft(finding.fix) && <FixOffer fix={finding.fix} look={look} />}
      {may.edit && mayDismiss(finding) && <Dismissal finding={finding} />}
    </li>
  )
}

function FixOffer({ fix, look }: { readonly fix: Fix; readonly look: Look }) {
  const { desk } = useDesk()
  const [isOpen, open] = useState(false)
  return (
    <div className={css["fix"]}>
      <button type="button" className={css["fold"]} aria-expanded={isOpen} onClick={() => open(!isOpen)}>
        <IconChevronRight size={13} stroke={2} aria-hidden="true" />
        <Sentence text={fix.title} />
      </button>
      {isOpen && (
        <div className={css["preview"]}>
          <Preview fix={fix} look={look} />
          {!fix.isSafe && <p className={css["quiet"]}>It may change what the notebook does: read it first.</p>}
          <Button size="compact-sm" variant="filled" onClick={() => apply(desk, fix, look)}>
            Apply
          </Button>
        </div>
      )}
    </div>
  )
}

const SIGNS = { same: " ", removed: "−", added: "+" } as const
const WORDS = { same: "", removed: "Taken out: ", added: "Added: " } as const

function Preview({ fix, look }: { readonly fix: Fix; readonly look: Look }) {
  return changesOf(look.notebook, fix).map(({ cell, words, lines }) => (
    <div key={cell}>
      <p className={css["change"]}>{words}</p>
      <pre className={css["diff"]}>
        {lines.map(({ kind, text }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one preview stay where they are
          <span key={at} data-kind={kind}>
            <span className="unseen">{WORDS[kind]}</span>
            <span className={css["sign"]} aria-hidden="true">
              {SIGNS[kind]}
            </span>
            {text === "" ? " " : text}
          </span>
        ))}
      </pre>
    </div>
  ))
}

function apply(desk: Desk, fix: Fix, look: Look): void {
  const { draft, undo } = desk.notebook
  if (!stillFits(draft, fix, look.notebook))
    return desk.say({ text: "The cell has been edited meanwhile. Wait a moment, and look at the fix again.", kind: "failed" })
  const [first] = applyFix(draft, undo, fix)
  const step = undo.undoStack.at(-1)
  if (first !== undefined) show(desk, { cell: first })
  desk.say({
    text: `Done: ${plainWords(fix.title)}.`,
    undo: () => {
      if (undo.undoStack.at(-1) === step) actOnCells(desk, "undo")
      else desk.say({ text: "You have edited the notebook since. Undo takes back the newest edit first: press Z in a cell.", kind: "failed" })
    },
  })
}
