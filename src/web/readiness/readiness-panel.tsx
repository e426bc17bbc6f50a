/** In the left rail: what stands in the way of running the notebook again, what mends it, and the proof. */
import { ActionIcon } from "@mantine/core"
import { IconX } from "@tabler/icons-react"
import { useId, useState } from "react"
import type { Finding } from "#notebook/index.ts"
import { counted, digits } from "#web/app/words.ts"
import type { NotebookInfo } from "#web/notebook/crumbs.ts"
import { useDesk } from "#web/notebook/desk.tsx"
import { useStore } from "#web/notebook/use-store.ts"
import { type Look, limitWords, verdictWords, writingsIn } from "#web/readiness/look.ts"
import { OneFinding } from "#web/readiness/one-finding.tsx"
import { Prove } from "#web/readiness/prove.tsx"
import css from "#web/readiness/readiness.module.css"
import { useReadiness } from "#web/readiness/readiness.tsx"
import { Sentence } from "#web/readiness/sentence.tsx"
import { show } from "#web/readiness/show.ts"

export function ReadinessPanel({ info }: { readonly info: NotebookInfo }) {
  const { act } = useDesk()
  const { look } = useReadiness()
  const found = useStore(look, (now) => now)
  return (
    <>
      <div className={css["head"]}>
        <h2>Readiness</h2>
        <ActionIcon size={24} aria-label="Close readiness" className={css["close"]} onClick={() => act("rail.readiness")}>
          <IconX size={14} aria-hidden="true" />
        </ActionIcon>
      </div>
      {found ? <Found look={found} info={info} /> : <p className={css["hint"]}>Looking…</p>}
    </>
  )
}

function Found({ look, info }: { readonly look: Look; readonly info: NotebookInfo }) {
  return (
    <div className={css["panel"]}>
      <p className={css["verdict"]} role="status" data-breaks={look.breaks.length > 0 || undefined}>
        {verdictWords(look)}
      </p>
      <Prove info={info} look={look} />
      <Group title="Breaks a rerun" findings={look.breaks} look={look} />
      <Group title="Advice" findings={look.advice} look={look} />
      <Group title="Let stand" findings={look.dismissed} look={look} />
      <Writings look={look} />
      <div className={css["limits"]}>
        {limitWords(look).map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
    </div>
  )
}

/** In each group, of a notebook in which much is amiss. */
const AT_ONCE = 50

function Group({ title, findings, look }: { readonly title: string; readonly findings: readonly Finding[]; readonly look: Look }) {
  const id = useId()
  const [most, setMost] = useState(AT_ONCE)
  if (findings.length === 0) return null
  return (
    <section aria-labelledby={id}>
      <h3 id={id} className={css["title"]}>
        {title} <span className={css["number"]}>{digits(findings.length)}</span>
      </h3>
      <ul className={css["findings"]}>
        {findings.slice(0, most).map((finding, at) => (
          // Two findings may say the same of two places; their order is that of the cells.
          <OneFinding key={`${finding.rule} ${finding.cell} ${finding.why} ${sameBefore(findings, at)}`} finding={finding} look={look} />
        ))}
      </ul>
      {findings.length > most && (
        <button type="button" className={css["fold"]} onClick={() => setMost(most + 4 * AT_ONCE)}>
          Show {counted(Math.min(findings.length - most, 4 * AT_ONCE), "more finding")}
        </button>
      )}
    </section>
  )
}

function sameBefore(findings: readonly Finding[], at: number): number {
  const { rule, cell, why } = findings[at] as Finding
  return findings.slice(0, at).filter((other) => other.rule === rule && other.cell === cell && other.why === why).length
}

/** Said, not held against it. */
function Writings({ look }: { readonly look: Look }) {
  const { desk } = useDesk()
  const id = useId()
  const writings = writingsIn(look)
  if (writings.length === 0) return null
  return (
    <section aria-labelledby={id}>
      <h3 id={id} className={css["title"]}>
        Changes something outside <span className={css["number"]}>{writings.length}</span>
      </h3>
      <ul className={css["findings"]}>
        {writings.map(({ cell, number, what }) => (
          <li key={cell}>
            <button type="button" className={css["go"]} onClick={() => show(desk, { cell })}>
              <span className={css["place"]}>Cell {number}</span>
              <Sentence text={what.join(", ")} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
