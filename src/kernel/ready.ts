import type { JsonObject } from "#base/json.ts"
import type { KernelFeature, KernelInfo, Message } from "#kernel/ports.ts"

/** What a starting kernel has shown so far. It is ready once `info` is there and `hears` is true. */
export type Readiness = {
  readonly info: KernelInfo | undefined
  /** It said something on iopub, so our subscription has reached it: what the first cell prints cannot be missed. */
  readonly isHeard: boolean
  readonly hasWelcomed: boolean
}

export const UNKNOWN: Readiness = { info: undefined, isHeard: false, hasWelcomed: false }

/** Takes one message of a starting kernel into account. */
export function learn(known: Readiness, { channel, header, content }: Message): Readiness {
  if (channel === "iopub") return { ...known, isHeard: true, hasWelcomed: known.hasWelcomed || header.msg_type === "iopub_welcome" }
  if (header.msg_type !== "kernel_info_reply" || known.info) return known
  return { ...known, info: toInfo(content) }
}

/** Everything known of a kernel that is ready; undefined as long as it is not. */
export function readyInfo({ info, isHeard, hasWelcomed }: Readiness): KernelInfo | undefined {
  if (!info || !isHeard) return undefined
  return hasWelcomed ? { ...info, features: new Set([...info.features, "iopub welcome"]) } : info
}

/** A kernel_info_reply's content in Stet's terms. */
export function toInfo(content: JsonObject): KernelInfo {
  const { protocol_version, implementation, language_info, banner, supported_features } = content
  return {
    protocol: toText(protocol_version),
    implementation: toText(implementation),
    languageInfo: typeof language_info === "object" && language_info !== null && !Array.isArray(language_info) ? (language_info as JsonObject) : {},
    banner: toText(banner),
    features: new Set(Array.isArray(supported_features) ? supported_features.flatMap(toFeature) : []),
  }
}

function toFeature(name: unknown): KernelFeature[] {
  if (name === "stet conditional execute") return ["conditional execute"]
  return name === "kernel subshells" || name === "debugger" ? [name] : []
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : ""
}
