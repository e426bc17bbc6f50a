/** Hosts that somebody lets outputs load from, as they may stand in a policy of content. Pure. */

/** Names and numbers, and nothing that could end a directive. */
const HOST = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::\d{1,5})?$/u

/** As many as a frame may be told of. */
export const MOST_HOSTS = 24

export function isHost(text: string): boolean {
  return HOST.test(text)
}
