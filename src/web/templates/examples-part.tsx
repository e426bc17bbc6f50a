/** The examples that are not templates yet, and the one action that makes them so, as far as they prove themselves. */
import { Button } from "@mantine/core"
import { IconAlertTriangle, IconCheck, IconCircleDotted, IconClock } from "@tabler/icons-react"
import { useEffect, useSyncExternalStore } from "react"
import { api, toldOf, useApi, useForget } from "#web/app/api.ts"
import { Go } from "#web/app/go.tsx"
import { useMe } from "#web/app/me.ts"
import { notebookHref, proposalHref, templateHref } from "#web/app/places.ts"
import { counted } from "#web/app/words.ts"
import { storeOf } from "#web/notebook/store.ts"
import { type Example, proveAll, type Standing, templateNameOf, type Ways } from "#web/templates/prove-examples.ts"
import css from "#web/templates/templates.module.css"

const SPACE = "samples"
const PAUSE_MS = 1500
const MESSAGE = "An example that comes with Stet"

type Effort = { readonly isOn: boolean; readonly isStopping: boolean; readonly standings: ReadonlyMap<string, Standing> }

/** Outlives the page, as long as the tab is open: whoever looks elsewhere meanwhile finds it going on. */
const effort = storeOf<Effort>({ isOn: false, isStopping: false, standings: new Map() })

const WAYS: Ways = {
  // One of them starts a small server of its own, as the page says.
  propose: async ({ notebook, template }) => {
    const { items } = await api.call("listProposals", { query: { state: "open", template } })
    const open = items.find((one) => one.notebook === notebook)
    return (open ?? (await api.call("propose", { params: { notebook }, body: { template, message: MESSAGE, mayWrite: true } }))).id
  },
  proposal: (proposal) => api.call("getProposal", { params: { proposal } }),
  promote: async (proposal) => void (await api.call("promote", { params: { proposal } })),
  withdraw: async ({ id, checks }) => {
    await api.call("withdrawProposal", { params: { proposal: id } })
    const running = checks.flatMap(({ run, verdict }) => (run !== null && verdict === "pending" ? [run] : []))
    await Promise.allSettled(running.map((run) => api.call("cancelRun", { params: { run }, body: { reason: "Its proposal was withdrawn." } })))
  },
  pause: () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS)),
  wordsFor: (error) => toldOf(error).detail,
}

async function prove(examples: readonly Example[]): Promise<void> {
  effort.change((now) => ({ ...now, isOn: true, isStopping: false }))
  const tell = ({ notebook }: Example, standing: Standing) =>
    effort.change((now) => ({ ...now, standings: new Map([...now.standings, [notebook, standing]]) }))
  await proveAll(examples, { ways: WAYS, tell, isStopped: () => effort.get().isStopping })
  effort.change((now) => ({ ...now, isOn: false, isStopping: false }))
}

/** Those in the samples that one may propose, as far as no template stands for them. */
export function useExamples(enabled: boolean): { readonly left: readonly Example[]; readonly areAll: boolean } | undefined {
  const { isAdmin } = useMe()
  const spaces = useApi("listSpaces", { query: {} }, { enabled })
  const role = spaces.data?.items.find(({ name }) => name === SPACE)?.role
  const mayEdit = role !== undefined && (isAdmin || role === "editor" || role === "admin")
  const query = { space: SPACE, folder: "templates", limit: 50 } as const
  const found = useApi("listNotebooks", { query }, { enabled: enabled && mayEdit })
  const templates = useApi("listTemplates", { query: {} }, { enabled })
  if (!found.data || !templates.data) return undefined
  const promoted = new Set(templates.data.items.flatMap(({ notebook, latest }) => (latest > 0 ? [notebook.id] : [])))
  const all = found.data.items.map(({ id, title, path }) => ({ notebook: id, title, template: templateNameOf(SPACE, path) }))
  const ids = new Set(all.map(({ notebook }) => notebook))
  return { left: all.filter(({ notebook }) => !promoted.has(notebook)), areAll: [...promoted].every((notebook) => ids.has(notebook)) }
}

/** Nothing once people have templates of their own, and for those who may not propose the samples. */
export function ExamplesPart() {
  const examples = useExamples(true)
  const { isOn, isStopping, standings } = useSyncExternalStore(effort.subscribe, effort.get)
  const forget = useForget()
  const promoted = [...standings.values()].filter(({ is }) => is === "promoted").length
  // Each stands in the gallery as soon as it is one.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is asked again does not change
  useEffect(() => {
    if (promoted > 0) void forget()
  }, [promoted])
  if (!examples || (!isOn && (examples.left.length === 0 || !examples.areAll))) return null
  const begin = (which: readonly Example[]) => void prove(which).then(forget)
  const { left } = examples
  return (
    <section className={css["examples"]} aria-label="Examples">
      <h2>{left.length === 1 ? "One example is not a template yet" : `${left.length} examples are not templates yet`}</h2>
      <p>
        They do real work, and need no data of yours. Each is proposed, run afresh with its test cases on this server, and promoted when every gate is
        open; that takes some minutes. One of them brings packages of its own, which are fetched from the package index; one needs Spark, which an
        operator installs first; one starts a small server of its own while it runs.
      </p>
      <div className={css["buttons"]}>
        {isOn ? (
          <Button onClick={() => effort.change((now) => ({ ...now, isStopping: true }))} disabled={isStopping}>
            {isStopping ? "Stopping…" : "Stop"}
          </Button>
        ) : (
          <Button variant="filled" onClick={() => begin(left)}>
            Prove and promote {left.length === 1 ? "it" : "them all"}
          </Button>
        )}
      </div>
      <ul aria-label="Examples that are not templates yet">
        {left.map((example) => (
          <OneExample
            key={example.notebook}
            example={example}
            standing={standings.get(example.notebook)}
            isOn={isOn}
            onProve={() => begin([example])}
          />
        ))}
      </ul>
    </section>
  )
}

type OneProps = { readonly example: Example; readonly standing: Standing | undefined; readonly isOn: boolean; readonly onProve: () => void }

function OneExample({ example: { notebook, title, template }, standing, isOn, onProve }: OneProps) {
  const word = standing?.is === "failed" ? "Try again" : "Prove and promote"
  return (
    <li>
      <Go href={notebookHref(notebook)}>
        <bdi>{title}</bdi>
      </Go>
      <span className={css["standing"]} role="status">
        {standing && <Stands standing={standing} template={template} />}
      </span>
      {!isOn && (
        <Button size="compact-xs" variant="subtle" onClick={onProve} aria-label={`${word}: ${title}`}>
          {word}
        </Button>
      )}
    </li>
  )
}

const LOOKS = {
  waiting: IconClock,
  stopped: IconClock,
  proving: IconCircleDotted,
  promoted: IconCheck,
  asks: IconCircleDotted,
  failed: IconAlertTriangle,
} as const
const MOST_SAID = 300
/** As kernels and the platform say it of what is not installed. */
const LACKING =
  /No module named|No set of packages|there is no (?:package|environment)|no such environment|this machine has|cannot be resolved|index_unreachable|could not be (?:built|fetched)/iu

function Stands({ standing, template }: { readonly standing: Standing; readonly template: string }) {
  const Icon = LOOKS[standing.is]
  return (
    <>
      <Icon size={14} aria-hidden="true" />
      <span data-is={standing.is}>
        <Words standing={standing} template={template} />
      </span>
    </>
  )
}

function Words({ standing, template }: { readonly standing: Standing; readonly template: string }) {
  switch (standing.is) {
    case "waiting":
      return "waits"
    case "stopped":
      return "stopped"
    case "promoted":
      return <Go href={templateHref(template)}>promoted: fill its form</Go>
    case "proving":
      return (
        <>
          <Go href={proposalHref(standing.proposal)}>runs</Go>: {standing.ended} of {counted(standing.of, "run")} ended
        </>
      )
    case "asks":
      return (
        <>
          {standing.said} <Go href={proposalHref(standing.proposal)}>Look at it</Go>
        </>
      )
    case "failed":
      return (
        <>
          {LACKING.test(standing.said) && <b>Something that it needs is not here. </b>}
          {standing.said.length > MOST_SAID ? `${standing.said.slice(0, MOST_SAID)}…` : standing.said}{" "}
          {standing.proposal !== null && <Go href={proposalHref(standing.proposal)}>Look at it</Go>}
        </>
      )
  }
}
