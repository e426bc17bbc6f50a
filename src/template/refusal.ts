/** Everything that templates can refuse, in the words of the person who asked. */

import type { Gate } from "#template/gates.ts"
import type { WritesAgain } from "#work/index.ts"

export type TemplateRefusal =
  | { readonly refused: Plain; readonly message: string }
  | WritesAgain
  /** What is not there yet; each gate says why. */
  | { readonly refused: "gates_closed"; readonly message: string; readonly gates: readonly Gate[] }

type Plain =
  | "bad_name"
  | "name_taken"
  | "not_allowed"
  | "no_such_notebook"
  | "no_such_template"
  | "no_such_proposal"
  | "no_such_test"
  | "no_such_promotion"
  | "no_such_finding"
  | "blocks"
  | "wrong_state"
  | "own_proposal"
  | "changed_since"
  | "already_proposed"
  | "told_too_often"
  | "no_such_notice"
  | "bad_subscription"
  | "no_such_subscription"
  | "no_such_person"
  | "no_such_space"
  | "no_consent"
  | "nothing_to_consent"
  | "bad_policy"

export function refuse(refused: Plain, message: string): { readonly ok: false; readonly refusal: TemplateRefusal } {
  return { ok: false, refusal: { refused, message } }
}
