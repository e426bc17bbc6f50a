/** Beside the result: what the run was asked, where it ran, when each cell was at work, what it left. */
import { type ReactNode, useState } from "react"
import type { Json } from "#base/json.ts"
import { toHuman } from "#base/time.ts"
import { useApi } from "#web/app/api.ts"
import { useNow } from "#web/app/clock.ts"
import { StateBadge } from "#web/app/state-badge.tsx"
import { Duration } from "#web/app/time.tsx"
import { counted, sizeWords } from "#web/app/words.ts"
import { shortValue } from "#web/launch/typed.ts"
import { environmentFacts } from "#web/run/comparison.ts"
import css from "#web/run/run.module.css"
import type { RunSheet } from "#web/run/run-sheet.ts"
import { waterfall } from "#web/run/waterfall.ts"
import { givenOf, type RunFile } from "#web/runs/given.ts"
import { isUnderWay, type RunView } from "#web/runs/pages.ts"

type Props = { readonly sheet: RunSheet; readonly onCell: (index: number) => void }

export function Side({ sheet, onCell }: Props) {
  const { run } = sheet
  return (
    <aside className={css["side"]} aria-label="About this run">
      <Parameters run={run} />
      <Timings sheet={sheet} onCell={onCell} />
      <Left run={run} goesOn={isUnderWay(sheet.now)} />
      <Environment digest={sheet.now.environment} />
      <Attempts sheet={sheet} />
      <Facts run={run} />
    </aside>
  )
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={css["part"]} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  )
}

function Pairs({ pairs }: { readonly pairs: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={css["pairs"]}>
      {pairs.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd dir="auto">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

const LONG_VALUE = 160

function Parameters({ run }: { readonly run: RunView }) {
  const { secretNames, files } = run
  const values = Object.entries(givenOf(run))
  if (values.length + secretNames.length === 0)
    return (
      <Part title="Parameters">
        <p className={css["quiet"]}>As the notebook has them.</p>
      </Part>
    )
  const shown = values.map(([name, value]) => {
    const own = files.filter(({ parameter }) => parameter === name)
    // A list that holds other files as well is told as it was given.
    const areAll = own.length > 0 && own.length === (Array.isArray(value) ? value.length : 1)
    const given = own.map((file) => <GivenFile key={file.place} file={file} />)
    return [name, areAll ? <div key={name}>{given}</div> : <Value key={name} text={shortValue(value, 20_000)} />] as const
  })
  return (
    <Part title="Parameters">
      <Pairs pairs={[...shown, ...secretNames.map((name) => [name, "a secret"] as const)]} />
    </Part>
  )
}

/** Its digest says whether it is the file that somebody means. */
function GivenFile({ file: { name, sizeBytes, sha256, url } }: { readonly file: RunFile }) {
  return (
    <div>
      <a href={new URL(url).pathname + new URL(url).search} download={name}>
        <bdi>{name}</bdi>
      </a>{" "}
      <span className={css["quiet"]}>
        {sizeWords(sizeBytes)}, <span title={`SHA-256 ${sha256}`}>SHA‑256 {sha256.slice(0, 12)}…</span>
      </span>
    </div>
  )
}

function Value({ text }: { readonly text: string }) {
  const [isOpen, open] = useState(false)
  if (text.length <= LONG_VALUE) return <code>{text === "" ? '""' : text}</code>
  return (
    <>
      <code>{isOpen ? text : `${text.slice(0, LONG_VALUE)}…`}</code>{" "}
      <button type="button" className={css["more"]} aria-expanded={isOpen} onClick={() => open(!isOpen)}>
        {isOpen ? "Less" : "All of it"}
      </button>
    </>
  )
}

const FEW = 12

function Timings({ sheet: { now, cells }, onCell }: Props) {
  const [isWhole, setWhole] = useState(false)
  const at = useNow(isUnderWay(now) ? "seconds" : "slow")
  const drawn = waterfall({ cells, createdAt: now.createdAt, endedAt: now.endedAt, now: at, most: isWhole ? 2000 : FEW })
  if (drawn.bars.length === 0) return null
  return (
    <Part title="Cells">
      <p className={css["quiet"]}>
        {toHuman(drawn.totalMs)} at work{drawn.waitedMs >= 100 && `, after ${toHuman(drawn.waitedMs)} of waiting`}
      </p>
      <ol className={css["bars"]}>
        {drawn.bars.map(({ index, state, ms, from, width }) => (
          <li key={index}>
            <button type="button" onClick={() => onCell(index)} title={`Cell ${index + 1}, ${state.replaceAll("_", " ")}`}>
              <span className={css["barName"]}>
                <span className="unseen">Cell </span>
                {index + 1}
                <span className="unseen">, {state.replaceAll("_", " ")}, </span>
              </span>
              <span className={css["track"]}>
                <span className={css["barFill"]} data-state={state} style={{ left: `${from * 100}%`, width: `max(2px, ${width * 100}%)` }} />
              </span>
              <span className={css["barTime"]}>{toHuman(ms)}</span>
            </button>
          </li>
        ))}
      </ol>
      {(drawn.leftOut > 0 || isWhole) && (
        <button type="button" className={css["more"]} aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? "Only the longest" : `${counted(drawn.leftOut, "shorter cell")} more`}
        </button>
      )}
    </Part>
  )
}

function Left({ run, goesOn }: { readonly run: RunView; readonly goesOn: boolean }) {
  const left = useApi("getOutputs", { params: { run: run.id } }, goesOn ? { everyMs: 5000 } : {})
  const { artifacts = [], outputs = {} } = left.data ?? {}
  const values = Object.entries(outputs as Readonly<Record<string, Json>>)
  if (artifacts.length + values.length === 0) return null
  return (
    <Part title="What it left">
      {values.length > 0 && <Pairs pairs={values.map(([name, value]) => [name, <Value key={name} text={shortValue(value, 20_000)} />] as const)} />}
      <ul className={css["files"]}>
        {artifacts.map(({ path, sizeBytes, url }) => (
          <li key={path}>
            <a href={new URL(url).pathname + new URL(url).search} download>
              <bdi>{path}</bdi>
            </a>
            <span className={css["quiet"]}>{sizeWords(sizeBytes)}</span>
          </li>
        ))}
      </ul>
    </Part>
  )
}

function Environment({ digest }: { readonly digest: string | null }) {
  const found = useApi("getEnvironment", { params: { environment: digest ?? "" } }, { enabled: digest !== null })
  if (digest === null) return null
  if (!found.data) return null
  const { name, kind, what } = found.data
  const { interpreter, platform, kernel, packages } = environmentFacts(what)
  const facts = [["Kernel", kernel] as const, ["Interpreter", interpreter] as const, ["Platform", platform] as const].filter(
    ([, value]) => value !== "",
  )
  return (
    <Part title="Environment">
      <p>
        <bdi>{name || kernel}</bdi> <span className={css["quiet"]}>{kind === "locked" ? "can be built again" : "as it was found"}</span>
      </p>
      <Pairs pairs={facts} />
      {packages.length > 0 && (
        <details>
          <summary>{counted(packages.length, "package")}</summary>
          <ul className={css["packages"]}>
            {packages.map(({ name, version }) => (
              <li key={name}>
                <span>{name}</span> <span className={css["quiet"]}>{version}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      <code className={css["digest"]} title={digest}>
        {digest.slice(0, 12)}
      </code>
    </Part>
  )
}

function Attempts({ sheet: { run, attempts } }: { readonly sheet: RunSheet }) {
  if (attempts.length < 2) return null
  return (
    <Part title="Attempts">
      <ol className={css["attempts"]}>
        {attempts.map(({ number, state, explanation, startedAt, endedAt, result }) => (
          <li key={number} value={number}>
            <StateBadge state={state} /> <Duration from={startedAt} to={endedAt ?? startedAt} />{" "}
            {result && <AttemptResult run={run.id} number={number} />}
            {explanation !== "" && <p className={css["quiet"]}>{explanation}</p>}
          </li>
        ))}
      </ol>
    </Part>
  )
}

function AttemptResult({ run, number }: { readonly run: string; readonly number: number }) {
  return (
    <a href={`/api/v1/runs/${run}/result.html?attempt=${number}`} target="_blank" rel="noopener">
      result
    </a>
  )
}

function Facts({ run }: { readonly run: RunView }) {
  const labels = Object.entries(run.labels)
  return (
    <Part title="Facts">
      <Pairs
        pairs={[
          ...labels.map(([name, value]) => [name, value] as const),
          ...(run.priority === 0 ? [] : [["Priority", String(run.priority)] as const]),
          ["Run", <code key="run">{run.id}</code>],
          [
            "Version",
            <code key="version" title={run.versionSha256}>
              {run.versionSha256.slice(0, 12)}
            </code>,
          ],
        ]}
      />
    </Part>
  )
}
