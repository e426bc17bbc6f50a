/** Below an error of a cell that wanted a package: what is missing, and where packages are listed. */
import { Button } from "@mantine/core"
import type { LiveOutput } from "#api/live.ts"
import css from "#web/notebook/cell.module.css"
import { useDesk, useMay } from "#web/notebook/desk.tsx"
import { missingModule } from "#web/notebook/missing-module.ts"

export function MissingPackage({ outputs }: { readonly outputs: readonly LiveOutput[] }) {
  const { notebook } = useDesk()
  const may = useMay()
  const words = missingIn(outputs)
  if (words === undefined || !may.edit || !may.run) return null
  return (
    <p className={css["note"]}>
      {words}{" "}
      <Button variant="subtle" px={4} h={22} onClick={() => notebook.view.change((was) => ({ ...was, rail: "environment" }))}>
        Packages of this notebook…
      </Button>
    </p>
  )
}

/** In a sentence what is wanted and not there; undefined when it is something else. */
function missingIn(outputs: readonly LiveOutput[]): string | undefined {
  for (const output of outputs) {
    if (output["output_type"] === "error") {
      const name = missingModule(output["ename"], output["evalue"])
      if (name !== undefined) return `There is no ${name} in the environment of this session, nor beside the notebook.`
    }
    if (output["output_type"] === "stream" && /: No module named pip\b/u.test(String(output["text"])))
      return "Nothing is installed into a session that runs. List the packages, and a new one is built with them."
  }
  return undefined
}
