/** One word beside a version: whether it passed its tests. */
import { IconAlertTriangle, IconCheck, IconCircleDotted, IconHandStop } from "@tabler/icons-react"
import { useMemo } from "react"
import { useApi } from "#web/app/api.ts"
import css from "#web/tests/tests.module.css"

type State = "waiting" | "pending" | "passed" | "failed"

/** The newest of each version that was not left, of the newest hundred; nothing for those who may not see it. */
export function useTestMarks(notebook: string, enabled: boolean): ReadonlyMap<number, State> {
  const { data } = useApi("listTestRuns", { params: { notebook }, query: { limit: 100 } }, { enabled, everyMs: 10_000 })
  return useMemo(
    () => new Map((data?.items ?? []).toReversed().flatMap(({ version, state }) => (state === "left" ? [] : [[version, state] as const]))),
    [data],
  )
}

const LOOKS = {
  passed: { icon: IconCheck, words: "tests passed" },
  failed: { icon: IconAlertTriangle, words: "tests failed" },
  pending: { icon: IconCircleDotted, words: "tests run" },
  waiting: { icon: IconHandStop, words: "tests wait for a yes" },
} as const

export function TestMark({ state }: { readonly state: State | undefined }) {
  if (state === undefined) return null
  const { icon: Icon, words } = LOOKS[state]
  return (
    <>
      {" "}
      <span className={css["mark"]}>
        <Icon size={12} aria-hidden="true" />
        {words}
      </span>
    </>
  )
}
