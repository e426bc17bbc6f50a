/** What stands in the address of this page. */
import { useParams } from "@tanstack/react-router"

/** A part of the path, as `/runs/$run` names it; "" where the address has none. */
export function useParam(name: "run" | "notebook" | "version" | "space" | "part" | "proposal" | "_splat"): string {
  const params = useParams({ strict: false }) as Readonly<Record<string, string | undefined>>
  return params[name] ?? ""
}
