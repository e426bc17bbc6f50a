/** How a run is named: by its id, or by the address of its page, which is what one has at hand. */
import { accepted, type Outcome, refused } from "#base/outcome.ts"
import type { Parsed } from "#cli/arguments.ts"
import type { Refusal } from "#cli/prepare.ts"

const ID = /^[0-9A-Z]{26}$/
const PAGE = /^https?:\/\/\S+\/runs\/([0-9A-Z]{26})(?:[/?#].*)?$/

/** The same words, with the run that the first one names by its id. */
export function withRun(parsed: Parsed): Outcome<Parsed, Refusal> {
  const [word = "", ...others] = parsed.positionals
  const id = ID.test(word) ? word : PAGE.exec(word)?.[1]
  if (id !== undefined) return accepted({ ...parsed, positionals: [id, ...others] })
  return refused({
    messages: [`"${word}" is no run: the id of one has 26 digits and capital letters.`],
    remedy: "Give that, or the address of the run's page. Which there are: stet runs",
  })
}
