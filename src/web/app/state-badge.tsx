import {
  IconAlertTriangle,
  IconBan,
  IconCheck,
  IconCircleDotted,
  IconEqualNot,
  IconGhost2,
  IconPlayerPlayFilled,
  IconPlayerSkipForward,
  type IconProps,
  IconQuestionMark,
} from "@tabler/icons-react"
import type { ComponentType } from "react"
import css from "#web/app/state-badge.module.css"

type Look = { readonly icon: ComponentType<IconProps>; readonly word: string; readonly look: string }

const LOOKS: Readonly<Record<string, Look>> = {
  queued: { icon: IconCircleDotted, word: "queued", look: "queued" },
  running: { icon: IconPlayerPlayFilled, word: "running", look: "running" },
  succeeded: { icon: IconCheck, word: "succeeded", look: "succeeded" },
  failed: { icon: IconAlertTriangle, word: "failed", look: "failed" },
  cancelled: { icon: IconBan, word: "cancelled", look: "cancelled" },
  lost: { icon: IconGhost2, word: "lost", look: "lost" },
  clean: { icon: IconCheck, word: "reruns clean", look: "succeeded" },
  differs: { icon: IconEqualNot, word: "differs", look: "failed" },
  unclear: { icon: IconQuestionMark, word: "unclear", look: "lost" },
  not_run: { icon: IconPlayerSkipForward, word: "not run", look: "queued" },
}

/** What became of a run or of a cell: an icon and a word, never colour alone. */
export function StateBadge({ state, title }: { readonly state: string; readonly title?: string | undefined }) {
  const { icon: Icon, word, look } = LOOKS[state] ?? { icon: IconCircleDotted, word: state, look: "queued" }
  return (
    <span className={`${css["badge"]} ${css[look] ?? ""}`} title={title}>
      <Icon size={14} stroke={2} aria-hidden="true" />
      {word}
    </span>
  )
}
