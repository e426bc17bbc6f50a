/** The stage that outputs here are drawn on; "absent" where there is none, "opening" until its layer is there. */
import { createContext, useContext } from "react"
import type { Stage } from "#web/outputs/stage/stage.ts"

export const CurrentStage = createContext<Stage | "absent" | "opening">("absent")

export function useStage(): Stage | "absent" | "opening" {
  return useContext(CurrentStage)
}
