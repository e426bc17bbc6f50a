/**
 * Regular expressions that take time in proportion to the text, whatever they are: a test case is somebody's input, and the server
 * that judges it waits for nobody. The usual syntax (classes, groups, `|`, `* + ? {n,m}`, `^ $` at the ends of lines, `\b`, a leading
 * `(?i)`), without what cannot be had in linear time: references back and looking around.
 *
 * Thompson's construction, all states at once (K. Thompson, CACM 11:6, 1968). A class is left to the language's own engine, which
 * sees one character at a time.
 */
import { accepted, type Outcome, refused } from "#base/outcome.ts"

export type Matcher = (text: string) => boolean

type State =
  | { readonly is: "char"; readonly holds: (char: string) => boolean; next: number }
  | { readonly is: "either"; next: number; other: number }
  | { readonly is: "place"; readonly holds: (before: string, after: string) => boolean; next: number }
  | { readonly is: "end" }

/** A stretch of states: where it begins, and how its ends are joined to what comes next. */
type Part = { readonly from: number; readonly join: (to: number) => void }

const MOST_STATES = 5_000

/** What is wrong with a pattern, as what completes "The pattern … cannot be used: …". */
export function matcher(pattern: string): Outcome<Matcher, string> {
  const isAnyCase = pattern.startsWith("(?i)")
  try {
    const compiler = new Compiler(isAnyCase ? pattern.slice(4) : pattern, isAnyCase)
    const { states, from } = compiler.whole()
    return accepted((text) => runs(states, from, text))
  } catch (error) {
    if (error instanceof Complaint) return refused(error.message)
    throw error
  }
}

class Complaint extends Error {}

class Compiler {
  readonly #chars: readonly string[]
  readonly #flags: string
  readonly #states: State[] = []
  #at = 0

  constructor(pattern: string, isAnyCase: boolean) {
    this.#chars = [...pattern]
    this.#flags = isAnyCase ? "usi" : "us"
  }

  whole(): { readonly states: readonly State[]; readonly from: number } {
    const part = this.#either()
    if (this.#at < this.#chars.length) throw new Complaint(`the ")" at character ${this.#at + 1} closes nothing`)
    part.join(this.#add({ is: "end" }))
    return { states: this.#states, from: part.from }
  }

  #add(state: State): number {
    if (this.#states.length >= MOST_STATES) throw new Complaint("it repeats too much")
    return this.#states.push(state) - 1
  }

  #either(): Part {
    const first = this.#sequence()
    if (this.#chars[this.#at] !== "|") return first
    this.#at++
    const second = this.#either()
    return { from: this.#add({ is: "either", next: first.from, other: second.from }), join: (to) => both(first, second, to) }
  }

  #sequence(): Part {
    let whole: Part | undefined
    while (this.#at < this.#chars.length && this.#chars[this.#at] !== "|" && this.#chars[this.#at] !== ")") {
      const next = this.#repeated()
      whole?.join(next.from)
      whole = { from: whole?.from ?? next.from, join: next.join }
    }
    return whole ?? this.#nothing()
  }

  #nothing(): Part {
    return this.#one({ is: "place", holds: () => true, next: -1 })
  }

  #one(state: Exclude<State, { readonly is: "end" }>): Part {
    return {
      from: this.#add(state),
      join: (to) => {
        state.next = to
      },
    }
  }

  #repeated(): Part {
    const begin = this.#at
    let part = this.#atom()
    const times = this.#times()
    if (!times) return part
    // Each time is a copy: the pattern is read again.
    const copy = (): Part => {
      const back = this.#at
      this.#at = begin
      const made = this.#atom()
      this.#at = back
      return made
    }
    const { min, max } = times
    if (min === 0 && max === Number.POSITIVE_INFINITY) return this.#loop(part)
    if (min === 0) part = this.#maybe(part)
    for (let count = 1; count < Math.max(min, max === Number.POSITIVE_INFINITY ? min : max); count++)
      part = joined(part, count < min ? copy() : this.#maybe(copy()))
    return max === Number.POSITIVE_INFINITY ? joined(part, this.#loop(copy())) : part
  }

  #loop(part: Part): Part {
    const state: Extract<State, { is: "either" }> = { is: "either", next: part.from, other: -1 }
    const from = this.#add(state)
    part.join(from)
    return {
      from,
      join: (to) => {
        state.other = to
      },
    }
  }

  #maybe(part: Part): Part {
    const state: Extract<State, { is: "either" }> = { is: "either", next: part.from, other: -1 }
    return {
      from: this.#add(state),
      join: (to) => {
        state.other = to
        part.join(to)
      },
    }
  }

  #times(): { readonly min: number; readonly max: number } | undefined {
    const found = /^(?:([*+?])|\{(\d{1,4})(,(\d{1,4})?)?\})\??/u.exec(this.#chars.slice(this.#at, this.#at + 14).join(""))
    if (!found) return undefined
    this.#at += found[0].length
    const [, sign, low, comma, high] = found
    if (sign !== undefined) return { min: sign === "+" ? 1 : 0, max: sign === "?" ? 1 : Number.POSITIVE_INFINITY }
    const min = Number(low)
    const max = comma === undefined ? min : high === undefined ? Number.POSITIVE_INFINITY : Number(high)
    if (max < min || max === 0) throw new Complaint(`${found[0]} is no number of times`)
    return { min, max }
  }

  #atom(): Part {
    const char = this.#chars[this.#at++] ?? ""
    if (char === "(") return this.#group()
    if (char === "[") return this.#class()
    if (char === "^") return this.#one({ is: "place", holds: (before) => before === "" || before === "\n", next: -1 })
    if (char === "$") return this.#one({ is: "place", holds: (_, after) => after === "" || after === "\n", next: -1 })
    if (char === "\\") return this.#escape()
    if ("*+?".includes(char)) throw new Complaint(`the "${char}" at character ${this.#at} repeats nothing`)
    if (char === ".") return this.#char((one) => one !== "\n")
    const { isSame } = sameness(char, this.#flags)
    return this.#char(isSame)
  }

  #char(holds: (char: string) => boolean): Part {
    return this.#one({ is: "char", holds, next: -1 })
  }

  #group(): Part {
    const mark = this.#chars.slice(this.#at, this.#at + 2).join("")
    if (mark === "?:") this.#at += 2
    else if (mark.startsWith("?")) throw new Complaint(`(${mark} is not among what is understood here: groups are ( ) and (?: )`)
    const part = this.#either()
    if (this.#chars[this.#at] !== ")") throw new Complaint("a group is not closed")
    this.#at++
    return part
  }

  #class(): Part {
    const begin = this.#at - 1
    while (this.#at < this.#chars.length && this.#chars[this.#at] !== "]") this.#at += this.#chars[this.#at] === "\\" ? 2 : 1
    if (this.#at >= this.#chars.length) throw new Complaint("a [ is not closed")
    this.#at++
    return this.#native(this.#chars.slice(begin, this.#at).join(""))
  }

  #escape(): Part {
    const begin = this.#at - 1
    const char = this.#chars[this.#at++]
    if (char === undefined) throw new Complaint("it ends with a backslash")
    if (char === "b" || char === "B") {
      const isEdge = (before: string, after: string) => /\w/u.test(before) !== /\w/u.test(after)
      return this.#one({ is: "place", holds: char === "b" ? isEdge : (before, after) => !isEdge(before, after), next: -1 })
    }
    if (/[1-9k]/u.test(char)) throw new Complaint("references back to a group are not understood here")
    const long = /^(?:[pP]\{[^}]*\}|u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2})/u.exec(this.#chars.slice(begin + 1, begin + 60).join(""))
    if (long) this.#at = begin + 1 + [...long[0]].length
    // Other engines let any sign be escaped; the one that sees it here does not.
    if (/[^\p{L}\p{N}]/u.test(char)) return this.#char(sameness(char, this.#flags).isSame)
    return this.#native(this.#chars.slice(begin, this.#at).join(""))
  }

  #native(source: string): Part {
    let one: RegExp
    try {
      one = new RegExp(`^${source}$`, this.#flags)
    } catch {
      throw new Complaint(`${source} is no class of characters`)
    }
    return this.#char((char) => one.test(char))
  }
}

function sameness(char: string, flags: string): { readonly isSame: (other: string) => boolean } {
  const lower = char.toLowerCase()
  return { isSame: flags.includes("i") ? (other) => other.toLowerCase() === lower : (other) => other === char }
}

function both(first: Part, second: Part, to: number): void {
  first.join(to)
  second.join(to)
}

function joined(first: Part, second: Part): Part {
  first.join(second.from)
  return { from: first.from, join: second.join }
}

/** Whether some stretch of the text is matched. */
function runs(states: readonly State[], from: number, text: string): boolean {
  let now = new Set<number>()
  let before = ""
  const chars = [...text]
  for (let at = 0; at <= chars.length; at++) {
    const after = chars[at] ?? ""
    // It may begin anywhere.
    if (reach(states, now.add(from), before, after)) return true
    const next = new Set<number>()
    for (const each of now) {
      const state = states[each]
      if (state?.is === "char" && at < chars.length && state.holds(after)) next.add(state.next)
    }
    now = next
    before = after
  }
  return false
}

/** Adds every state that is reached without taking a character; true when one of them is the end. */
function reach(states: readonly State[], set: Set<number>, before: string, after: string): boolean {
  // A set is walked in the order in which things were added, those added meanwhile included.
  for (const each of set) {
    const state = states[each]
    if (state?.is === "end") return true
    if (state?.is === "either") set.add(state.next).add(state.other)
    if (state?.is === "place" && state.holds(before, after)) set.add(state.next)
  }
  return false
}
