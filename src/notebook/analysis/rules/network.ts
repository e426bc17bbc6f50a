/** What is asked of the network where there is none. */
import { type Finding, finding, type Rule } from "#notebook/analysis/findings.ts"
import type { Call } from "#notebook/analysis/names.ts"

const ASKS =
  /^(?:requests|httpx)\.(?:get|post|put|patch|delete|head|options|request)$|^urllib\.request\.(?:urlopen|urlretrieve)$|^(?:urlopen|urlretrieve)$|^(?:pd|pandas)\.read_(?:csv|table|json|excel|parquet|html|xml|fwf|feather|stata|pickle)$/
/** Not the machine itself, and whatever has a name without a dot. */
const FAR = /^(?:https?|ftp):\/\/(?!localhost\b|127\.|0\.0\.0\.0|\[)(?:[^/@\s]*@)?[^/\s:@]+\.[^/\s]/i

export const needsNetwork: Rule = ({ cells, circumstances, language }) => {
  if (circumstances.hasNetwork !== false || language !== "python") return []
  return cells.flatMap((cell) =>
    cell.mayRaise
      ? []
      : cell.names.calls.flatMap((call): Finding[] => {
          const address = addressOf(call)
          if (address === undefined || call.chance !== "sure" || call.inFunction || call.caught) return []
          return [finding("needs_network", cell, { kind: "breaks", span: call, why: `\`${call.callee}\` asks ${address}, and there is no network.` })]
        }),
  )
}

/** The host alone: an address may hold a secret. */
function addressOf({ callee, args }: Call): string | undefined {
  const [first] = args
  const address = first?.literal ?? first?.begins
  if (!ASKS.test(callee) || typeof address !== "string" || !FAR.test(address)) return undefined
  return /^\w+:\/\/(?:[^/@\s]*@)?([^/:?#\s]+)/.exec(address)?.[1]
}
