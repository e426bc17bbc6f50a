/** Who is in a notebook and where: told by each about themselves, and under the name that the server knows them by. Pure but for what it holds. */
import type { PresenceState } from "#api/live/frames.ts"

export type Someone = { readonly id: string; readonly name: string }

export type Presence<Line> = {
  /** What others may be told of it; nothing when it speaks for somebody else. */
  say(line: Line, who: Someone, states: readonly PresenceState[]): readonly PresenceState[]
  /** Everybody who is there. */
  all(): readonly PresenceState[]
  /** Gives what tells the others that it has gone. */
  leave(line: Line): readonly PresenceState[]
}

// A page that was loaded again is a client of its own for a moment.
const MOST_CLIENTS = 4
const MOST_CHARACTERS = 16_000

export function presence<Line>(): Presence<Line> {
  const states = new Map<number, { readonly line: Line; readonly state: PresenceState }>()
  const clientsOf = (line: Line) => [...states].filter(([, held]) => held.line === line).map(([client]) => client)
  return {
    say(line, who, said) {
      return said.flatMap((each) => {
        const held = states.get(each.client)
        if (held ? held.line !== line : clientsOf(line).length >= MOST_CLIENTS) return []
        const state = each.state && named(each.state, who)
        if (state && JSON.stringify(state).length > MOST_CHARACTERS) return []
        const told = { ...each, state }
        if (state) states.set(each.client, { line, state: told })
        else states.delete(each.client)
        return held || state ? [told] : []
      })
    },
    all: () => [...states.values()].map(({ state }) => state),
    leave(line) {
      return clientsOf(line).map((client) => {
        const clock = states.get(client)?.state.clock ?? 0
        states.delete(client)
        return { client, clock: clock + 1, state: null }
      })
    },
  }
}

/** Colours end up in style sheets: nothing else passes for one. */
function named(state: { readonly [key: string]: unknown }, { id, name }: Someone): { readonly [key: string]: unknown } {
  const user = typeof state["user"] === "object" && state["user"] !== null ? (state["user"] as { readonly [key: string]: unknown }) : {}
  const colors = ["color", "colorLight"].flatMap((key) =>
    /^#[0-9a-f]{6}([0-9a-f]{2})?$/iu.test(String(user[key])) ? [[key, user[key]] as const] : [],
  )
  return { ...state, user: { ...Object.fromEntries(colors), id, name } }
}
