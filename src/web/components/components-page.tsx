/** Every component in every state, on one page: for looking, for axe, and for whoever builds the next screen. Nothing leads here. */
import { ActionIcon, Button, Checkbox, Menu, NumberInput, Select, Switch, Textarea, TextInput } from "@mantine/core"
import { IconDots } from "@tabler/icons-react"
import { type ReactNode, useState } from "react"
import { ApiProblem, Unreachable } from "#api/client.ts"
import { ConfirmDialog } from "#web/app/confirm-dialog.tsx"
import { CopyField } from "#web/app/copy-field.tsx"
import { Empty } from "#web/app/empty.tsx"
import { Page } from "#web/app/page.tsx"
import { Disc, Person } from "#web/app/person.tsx"
import { Problem, Wrong } from "#web/app/problem.tsx"
import { SkeletonBox, SkeletonRows, SkeletonText } from "#web/app/skeleton.tsx"
import { StateBadge } from "#web/app/state-badge.tsx"
import { Duration, Time } from "#web/app/time.tsx"
import { toast } from "#web/app/toast.tsx"
import css from "#web/components/components.module.css"
import { Cells } from "#web/components/shown-cells.tsx"
import { GoneEnvironment } from "#web/components/shown-environment.tsx"
import { Outputs } from "#web/components/shown-outputs.tsx"
import { Stamp } from "#web/templates/stamp.tsx"

export function ComponentsPage() {
  return (
    <Page title="Components" width="reading">
      <h1>Components</h1>
      <Tokens />
      <Buttons />
      <Fields />
      <States />
      <Notes />
      <Waiting />
      <Part title="Cells">
        <div className={css["cells"]}>
          <Cells />
        </div>
      </Part>
      <Part title="Another environment">
        <GoneEnvironment />
      </Part>
      <Part title="Outputs">
        <Outputs />
      </Part>
    </Page>
  )
}

export function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const id = `part-${title.toLowerCase().replaceAll(/\W+/gu, "-")}`
  return (
    <section className={css["part"]} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  )
}

const COLOURS = [
  "paper",
  "surface",
  "sunk",
  "ink",
  "soft",
  "faint",
  "line",
  "strong",
  "pencil",
  "link",
  "running",
  "succeeded",
  "failed",
  "lost",
  "amber",
]
const SIZES = ["12", "13", "14", "16", "20", "28"]

function Tokens() {
  return (
    <Part title="Colours and type">
      <ul className={css["colours"]}>
        {COLOURS.map((name) => (
          <li key={name}>
            <span style={{ background: `var(--${name})` }} />
            {name}
          </li>
        ))}
      </ul>
      {SIZES.map((size) => (
        <p key={size} style={{ fontSize: `${size}px`, margin: "2px 0" }}>
          {size} px: what was asked, 1,204 times
        </p>
      ))}
      <p className={css["prose"]}>Prose of notebooks, in the serif, as a well-set page has it.</p>
      <code>code = "in the monospaced, without ligatures !="</code>
    </Part>
  )
}

function Buttons() {
  const [isAsking, setAsking] = useState(false)
  return (
    <Part title="Buttons and menus">
      <div className={css["row"]}>
        <Button variant="filled">Run</Button>
        <Button variant="filled" loading>
          Run
        </Button>
        <Button variant="filled" disabled>
          Run
        </Button>
        <Button>Share</Button>
        <Button disabled>Share</Button>
        <Button variant="subtle">Mark as read</Button>
        <ActionIcon aria-label="More">
          <IconDots size={16} aria-hidden="true" />
        </ActionIcon>
        <Menu>
          <Menu.Target>
            <Button>More</Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item rightSection={<kbd>Ctrl+S</kbd>}>Save a version</Menu.Item>
            <Menu.Divider />
            <Menu.Item disabled>Not for you</Menu.Item>
          </Menu.Dropdown>
        </Menu>
        <Button onClick={() => setAsking(true)}>Delete for good</Button>
        <Button onClick={() => toast({ text: "Three cells are deleted.", undo: () => undefined })}>Say what was done</Button>
        <Button onClick={() => toast({ text: "The server does not answer. Try again in a moment.", kind: "failed" })}>Say what was not</Button>
      </div>
      {isAsking && (
        <ConfirmDialog
          title="Delete for good?"
          action="Delete"
          onConfirm={() => Promise.reject(new Unreachable("no answer"))}
          onClose={() => setAsking(false)}
        >
          <p>What is deleted from the trash cannot be brought back.</p>
        </ConfirmDialog>
      )}
    </Part>
  )
}

function Fields() {
  const [isOn, setOn] = useState(true)
  return (
    <Part title="Fields">
      <div className={css["fields"]}>
        <TextInput label="Name" description="As others will read it." defaultValue="Quarterly figures" />
        <TextInput label="Weeks" defaultValue="many" error="This is not a number." />
        <TextInput label="Owner" defaultValue="Ada Lovelace" disabled />
        <Select label="Role" data={["viewer", "commenter", "runner", "editor", "admin"]} defaultValue="runner" />
        <NumberInput label="Runs at once" description="Empty: as many as there are slots." min={1} />
        <Textarea label="What is new" placeholder="In a sentence" autosize minRows={2} />
        <Checkbox label="Yes, run them again" defaultChecked />
        <Switch label="Hide the code" checked={isOn} onChange={({ currentTarget: { checked } }) => setOn(checked)} />
        <CopyField text="https://stet.example/notebooks/01ARZ3NDEKTSV4RRFFQ69G5FAV" label="Link" />
      </div>
    </Part>
  )
}

const RUN_STATES = ["queued", "running", "succeeded", "failed", "cancelled", "lost", "not_run"]

function States() {
  const now = Date.now()
  const ago = (ms: number) => new Date(now - ms).toISOString()
  return (
    <Part title="States, people and times">
      <div className={css["row"]}>
        {RUN_STATES.map((state) => (
          <StateBadge key={state} state={state} />
        ))}
      </div>
      <div className={css["row"]}>
        <Stamp template={{ version: 647, isReviewed: true, deprecatedAt: null }} />
        <Stamp template={{ version: 12, isReviewed: false, deprecatedAt: null }} />
        <Stamp template={{ version: 3, isReviewed: true, deprecatedAt: ago(0) }} />
        <Stamp template={{ version: null, isReviewed: null, deprecatedAt: null }} />
      </div>
      <div className={css["row"]}>
        <Person person={{ id: "ada", name: "Ada Lovelace" }} mark />
        <Person person={{ id: "omar", name: "عمر الخيام" }} mark />
        <Person person={{ id: "wolfe", name: "Wolfeschlegelsteinhausenbergerdorff the Elder", hasLeft: true }} mark />
        <Disc person={{ id: "li-w", name: "Li" }} size={32} />
      </div>
      <div className={css["row"]}>
        <Time at={ago(0)} />
        <Time at={ago(7_200_000)} />
        <Time at={ago(86_400_000 * 400)} />
        <Time at={null} none="never" />
        <Duration from={ago(72_000)} to={ago(0)} />
        <Duration from={ago(400)} to={ago(0)} />
      </div>
    </Part>
  )
}

const REFUSED = new ApiProblem({
  type: "about:blank",
  title: "Not allowed",
  status: 403,
  detail: "You may see this notebook, but not run it: that needs the role of a runner.",
  remedy: "Ask for that role.",
  code: "not_allowed",
  instance: "req-0001",
  errors: [],
} as unknown as ConstructorParameters<typeof ApiProblem>[0])

function Notes() {
  return (
    <Part title="What is said when something is not there">
      <Empty title="There are no runs yet" actions={<Button variant="filled">Run the first one</Button>}>
        A run is one execution of one version: it is listed here, with what it was given and what came of it.
      </Empty>
      <Problem error={new Unreachable("no answer")} retry={() => undefined} />
      <Problem error={REFUSED} />
      <Problem error={new Error("cells is not iterable")} retry={() => undefined} />
      <Wrong error={REFUSED} />
    </Part>
  )
}

function Waiting() {
  return (
    <Part title="What is on its way">
      <SkeletonRows rows={3} />
      <SkeletonText lines={3} />
      <SkeletonBox height={80} />
    </Part>
  )
}
