/** A notebook is run from here: which version, with which values, where. */
import { Button, Modal, Tabs } from "@mantine/core"
import { useMediaQuery } from "@mantine/hooks"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { useApi } from "#web/app/api.ts"
import { useGo } from "#web/app/go.tsx"
import { runHref } from "#web/app/places.ts"
import { Problem, Wrong } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { CodeTab } from "#web/launch/code-tab.tsx"
import css from "#web/launch/launch.module.css"
import { type Launched, type LaunchForm, useLaunchForm } from "#web/launch/launch-form.ts"
import { parametersOfRun, schemaOfVersion } from "#web/launch/lossless.ts"
import { FromBefore, ParameterFields } from "#web/launch/parameter-fields.tsx"
import { Places, Priority } from "#web/launch/places.tsx"
import { forgetTexts } from "#web/launch/values-form.ts"

export type RunDialogProps = {
  /** Id of the notebook. */
  readonly notebook: string
  /** Default: the newest. */
  readonly version?: number | undefined
  /** A run whose values, environment and priority the form begins with. */
  readonly from?: { readonly id: string; readonly environment: string | null; readonly priority: number } | undefined
  readonly onClose: () => void
  /** Default: goes to the run's page. */
  readonly onLaunched?: ((run: Launched) => void) | undefined
}

export function RunDialog({ notebook, version, from, onClose, onLaunched }: RunDialogProps) {
  const isSmall = useMediaQuery("(max-width: 600px)") ?? false
  const shown = useApi("getNotebook", { params: { notebook } })
  const [chosen, choose] = useState(version)
  const number = chosen ?? shown.data?.latest
  const asked = useQuery({
    queryKey: ["launch form", notebook, number, from?.id],
    queryFn: async () => ({
      schema: await schemaOfVersion(notebook, number ?? 1),
      given: from ? await parametersOfRun(from.id) : {},
    }),
    enabled: number !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const error = shown.error ?? asked.error
  const keptAs = from ? `run ${from.id}` : `notebook ${notebook}`
  return (
    <Modal opened onClose={onClose} size={640} fullScreen={isSmall} title={`Run ${shown.data?.title ?? "notebook"}`}>
      {error ? (
        <Problem error={error} retry={asked.refetch} />
      ) : shown.data && asked.data && number !== undefined ? (
        <Form
          // What was typed stays when another version is chosen, for every parameter that it has as well.
          {...{ notebook: shown.data, version: number, onVersion: choose, from, onClose, onLaunched, keptAs, ...asked.data }}
        />
      ) : (
        <SkeletonRows rows={5} />
      )}
    </Modal>
  )
}

type FormProps = Parameters<typeof useLaunchForm>[0] & { readonly onVersion: (version: number) => void; readonly onClose: () => void } & Pick<
    RunDialogProps,
    "onLaunched"
  >

function Form(props: FormProps) {
  const go = useGo()
  const form = useLaunchForm(props)
  // Escape or a click beside the form may be a slip: what was typed is kept then. Cancel means it.
  const leave = () => {
    forgetTexts(props.keptAs)
    props.onClose()
  }
  const launched = async () => {
    const run = await form.launch()
    if (!run) return
    leave()
    if (props.onLaunched) props.onLaunched(run)
    else go(runHref(run.id))
  }
  return (
    <Tabs defaultValue="form" keepMounted={false}>
      <Tabs.List mb={14}>
        <Tabs.Tab value="form" className={css["tab"] ?? ""}>
          Form
        </Tabs.Tab>
        <Tabs.Tab value="code" className={css["tab"] ?? ""}>
          As code
        </Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="form">
        <form
          className={css["form"]}
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            void launched()
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void launched()
          }}
        >
          <Told form={form} />
          <FromBefore form={form} />
          <Places
            form={form}
            notebook={props.notebook}
            version={props.version}
            earlier={props.from?.environment ?? null}
            onVersion={props.onVersion}
          />
          <div data-begins>
            <Fields form={form} />
          </div>
          <Priority form={form} />
          {/* The field is not left by pressing here: what is said of it then would move the button away under the pointer. */}
          {/* biome-ignore lint/a11y/noStaticElementInteractions: it only keeps the focus where it is */}
          <div className={css["foot"]} onMouseDown={(event) => event.preventDefault()}>
            <span className={css["hint"]}>
              <kbd>Ctrl</kbd> <kbd>Enter</kbd>
            </span>
            <Button onClick={leave}>Cancel</Button>
            <Button type="submit" variant="filled" loading={form.isLaunching} data-begins>
              Run version {props.version}
            </Button>
          </div>
        </form>
      </Tabs.Panel>
      <Tabs.Panel value="code">
        <CodeTab launch={form.code} isWhole={form.isWhole} />
      </Tabs.Panel>
    </Tabs>
  )
}

/** What is wrong, all of it in one place, before the fields at which it is said again. */
function Told({ form: { problems, others, error, wasTried, fields, dropped, secretsToGive } }: { readonly form: LaunchForm }) {
  const named = fields.filter(({ name }) => problems.has(name)).map(({ name }) => name)
  return (
    <>
      {wasTried && (named.length > 0 || others.length > 0) && (
        <div className={css["wrong"]} role="alert">
          {named.length > 0 && (
            <p>
              {named.length === 1 ? "One value does not fit" : `${named.length} values do not fit`}: {named.join(", ")}.
            </p>
          )}
          {others.map((message) => (
            <p key={message}>{message}</p>
          ))}
        </div>
      )}
      <Wrong error={error} />
      {secretsToGive.length > 0 && <p className={css["note"]}>Secrets are not kept with a run: give {secretsToGive.join(", ")} again.</p>}
      {dropped.length > 0 && (
        <p className={css["note"]}>
          This version has no parameter {dropped.join(", ")}: what the earlier run gave for {dropped.length === 1 ? "it" : "them"} is left out.
        </p>
      )}
    </>
  )
}

function Fields({ form }: { readonly form: LaunchForm }) {
  if (form.fields.length === 0)
    return (
      <p className={css["none"]}>
        This version declares no parameters. Tag a cell <code>parameters</code> and assign defaults in it: a form appears here.
      </p>
    )
  return <ParameterFields form={form} />
}
