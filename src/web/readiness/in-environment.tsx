/** In which environment something was proven: its name and interpreter, as far as they are known. */
import { useApi } from "#web/app/api.ts"
import { environmentFacts } from "#web/run/comparison.ts"

export function InEnvironment({ digest }: { readonly digest: string | null }) {
  const { data } = useApi("getEnvironment", { params: { environment: digest ?? "" } }, { enabled: digest !== null })
  if (digest === null) return null
  const facts = data && environmentFacts(data.what)
  const words = facts ? [data.name || facts.kernel, facts.interpreter].filter((part) => part !== "").join(", ") : ""
  return (
    <>
      {" "}
      in <bdi title={digest}>{words === "" ? digest.slice(0, 12) : words}</bdi>
    </>
  )
}
