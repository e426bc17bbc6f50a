/** What is asked where the environment of a run that is opened live is gone. */
import { useState } from "react"
import css from "#web/run/open-live.module.css"
import { Environment } from "#web/run/open-live-dialog.tsx"

const OTHERS = [
  { environment: "5c".repeat(32), name: "data-2027", differences: ["numpy 1.26.4 → 2.2.1", "pandas 2.1.4 → 2.3.0", "polars 1.9.0 is new"] },
  { environment: "7d".repeat(32), name: "python3", differences: ["CPython 3.12.4 → CPython 3.13.1", "pandas is gone"] },
]
const PLAN: Parameters<typeof Environment>[0]["plan"] = {
  writes: [],
  environment: {
    is: "gone",
    sha256: "4b".repeat(32),
    name: "data",
    why: "It could not be built again here.",
    instead: null,
    others: OTHERS,
  },
}

export function GoneEnvironment() {
  const [isAgreed, agree] = useState(false)
  const [chosen, choose] = useState<string>()
  return (
    <div className={css["form"]}>
      <Environment plan={PLAN} isAgreed={isAgreed} onAgree={agree} chosen={chosen} onChoose={choose} />
    </div>
  )
}
