/** The kernel: what it is, what it does, whose rights it has, and what can be done to it. */
import { Menu } from "@mantine/core"
import { IconChevronDown } from "@tabler/icons-react"
import type { SessionView } from "#api/live.ts"
import { Time } from "#web/app/time.tsx"
import { toast } from "#web/app/toast.tsx"
import { keysOf } from "#web/notebook/cell-bar.tsx"
import { useDesk, useMay } from "#web/notebook/desk.tsx"
import css from "#web/notebook/top-bar.module.css"
import { useStore } from "#web/notebook/use-store.ts"

const WORDS: Readonly<Record<SessionView["state"], string>> = {
  starting: "starting",
  idle: "idle",
  busy: "busy",
  restarting: "restarting",
  dead: "has died",
  lost: "was lost",
  ended: "has ended",
}

export function SessionMenu() {
  const { notebook, act } = useDesk()
  const may = useMay()
  const session = useStore(notebook.state, (state) => state.session)
  const queued = useStore(notebook.state, countQueued)
  const isThere = session !== null && session.state !== "ended"
  const name = session?.displayName || (isThere ? "Kernel" : "No kernel")
  const word = session ? WORDS[session.state] : "not started"
  const start = async () => {
    const answer = await notebook.live.ask({ do: "start" })
    if (!answer.ok) toast({ text: `${answer.refusal.message} ${answer.refusal.remedy}`.trim(), kind: "failed" })
  }
  return (
    <Menu width={300}>
      <Menu.Target>
        <button type="button" className={css["session"]}>
          <span className="unseen">Kernel: </span>
          <span className={css["dot"]} data-state={session?.state ?? "ended"} aria-hidden="true" />
          <span className={css["kernel"]}>{name}</span>{" "}
          <span className={css["kernel-state"]}>{queued > 0 ? `${word}, ${queued} waiting` : word}</span>
          <IconChevronDown size={13} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {session && <About session={session} />}
        {may.run && (
          <>
            {!isThere && <Menu.Item onClick={start}>Start the kernel</Menu.Item>}
            {isThere && (
              <>
                <Menu.Item
                  onClick={() => act("kernel.interrupt")}
                  rightSection={<kbd>{keysOf("kernel.interrupt")}</kbd>}
                  disabled={session.state !== "busy"}
                >
                  Interrupt
                </Menu.Item>
                <Menu.Item onClick={() => act("kernel.restart")} rightSection={<kbd>{keysOf("kernel.restart")}</kbd>}>
                  Restart
                </Menu.Item>
                <Menu.Item onClick={() => act("kernel.restartRunAll")}>Restart and run all cells</Menu.Item>
                {queued > 0 && <Menu.Item onClick={() => notebook.live.ask({ do: "unqueue" })}>Take waiting cells out of the queue</Menu.Item>}
                <Menu.Item onClick={() => act("kernel.stop")}>Stop the session</Menu.Item>
              </>
            )}
            <Menu.Divider />
            <Menu.Item onClick={() => act("rail.environment")}>Environment…</Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}

function About({ session }: { readonly session: SessionView }) {
  return (
    <div className={css["about"]}>
      {session.explanation !== "" && <p>{session.explanation}</p>}
      <p>
        Runs with the rights of <bdi>{session.startedBy.name}</bdi>, since <Time at={session.startedAt} />. Whoever may run this notebook uses it, and
        sees what it holds.
      </p>
      {session.environment !== "" && (
        <p>
          Environment: <bdi>{session.environment}</bdi>
        </p>
      )}
      {session.endsAt !== undefined && (
        <p>
          Ends <Time at={session.endsAt} /> if nothing runs until then.
        </p>
      )}
    </div>
  )
}

function countQueued({ executions }: { readonly executions: ReadonlyMap<string, { readonly state: string }> }): number {
  let count = 0
  for (const { state } of executions.values()) if (state === "queued") count++
  return count
}
