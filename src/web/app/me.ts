/** Who is signed in. */
import { useQuery } from "@tanstack/react-query"
import type { Answered } from "#api/contract.ts"
import { asking } from "#web/app/api.ts"

export type Me = Answered<"getSession">

export const meAsked = asking("getSession", {})

/** The person who is signed in. Only below the shell, which waits for the answer before it shows anything. */
export function useMe(): Me {
  const { data } = useQuery({ ...meAsked, staleTime: 60_000 })
  if (!data) throw new Error("useMe is for what is shown inside the shell")
  return data
}

const RANKS = ["viewer", "commenter", "runner", "editor", "admin"] as const

/** Whether a role, as a space tells the asker's own, suffices for what takes at least `least`. */
export function isAtLeast(role: string | null, least: (typeof RANKS)[number]): boolean {
  return RANKS.indexOf(role as (typeof RANKS)[number]) >= RANKS.indexOf(least)
}
