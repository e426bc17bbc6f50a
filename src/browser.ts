/** Which program opens a browser for whoever has just started Stet; none where nobody sits before a screen of this machine. */

export type Surroundings = {
  readonly platform: NodeJS.Platform
  readonly env: { readonly [name: string]: string | undefined }
  /** Somebody reads what is printed. */
  readonly isTerminal: boolean
}

/** A session from afar may have a display, but it is not there that one wants to see a browser; a Mac's `open` would use the Mac's own. */
const AWAY = ["CI", "SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"]

export function browserOpener({ platform, env, isTerminal }: Surroundings): "open" | "xdg-open" | undefined {
  if (!isTerminal || AWAY.some((name) => env[name])) return undefined
  if (platform === "darwin") return "open"
  return env["DISPLAY"] || env["WAYLAND_DISPLAY"] ? "xdg-open" : undefined
}
