/** What the parts of the runtime share: a way to the app, and modules. */
import type { Amd } from "#web/outputs/frame/amd.ts"
import type { PartName, Said } from "#web/outputs/frame/messages.ts"

export type FrameWorld = {
  readonly amd: Amd
  readonly say: (said: Said) => void
  /** Resolves when the libraries of a part have run. */
  readonly part: (name: PartName) => Promise<void>
  /** The text of a library that the app has or finds; rejects with why there is none. */
  readonly library: (wanted: string) => Promise<string>
  /** Whether the reader let this frame ask that host. */
  readonly isAllowed: (host: string) => boolean
  /** Runs text as a classic script at the end of an element, and gives the script. */
  readonly runScript: (code: string, place?: Element) => HTMLScriptElement
  readonly isDark: () => boolean
}

/** What draws an output into its element; what it gives back undoes it. */
export type Drawn = (() => void) | undefined
