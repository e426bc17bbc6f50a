/** By themselves, because a run that needs no server must not load its contract before its kernel starts. */
import type { Flag } from "#cli/arguments.ts"

export const SERVER_FLAGS: readonly Flag[] = [
  {
    name: "--server",
    takes: ["URL"],
    isMeant: isAddress,
    help: "The server; without URL and by default STET_SERVER, else the one that runs on this home.",
    group: "Server",
  },
  {
    name: "--token-file",
    takes: ["PATH"],
    help: "A file that holds the API token; default: STET_TOKEN, else what `stet sign-in` kept.",
    group: "Server",
  },
]

/**
 * Whether a word after `--server` is the address, and not yet the notebook: `samples/report.ipynb` names one of these, and no address
 * begins like that. `localhost:7838` is meant as an address, and told to be none.
 */
function isAddress(word: string): boolean {
  return !(word.startsWith("-") || /^[^/:]+\/|\.ipynb(?:@[^/]*)?$/u.test(word)) || /^[a-z][a-z\d+.-]*:\/\//iu.test(word)
}
