/** Everything that runs can refuse, in the words of the person who asked. */
import type { VersionRefusal } from "#library/index.ts"
import type { LaunchProblem } from "#work/launch.ts"
import type { RunRow } from "#work/row.ts"

export type RunRefusal =
  /** Each problem by the name of its parameter. */
  | { readonly refused: "bad_parameters"; readonly message: string; readonly problems: readonly LaunchProblem[] }
  | { readonly refused: "bad_launch"; readonly message: string; readonly problems: readonly LaunchProblem[] }
  /** The version's bytes are no notebook that can be run. */
  | { readonly refused: "unreadable_notebook"; readonly message: string }
  /** What a test wants to be done to the notebook cannot be done. */
  | { readonly refused: "bad_test"; readonly message: string }
  | { readonly refused: "key_reused"; readonly message: string; readonly run: string }
  /** With onExisting "reject". */
  | { readonly refused: "run_exists"; readonly message: string; readonly run: string }
  | {
      readonly refused:
        | "no_such_run"
        | "no_such_attempt"
        | "no_such_artifact"
        | "no_such_run_file"
        | "no_such_cell"
        | "no_such_person"
        | "no_result"
        | "no_origin"
        | "no_kernel"
      readonly message: string
    }
  | { readonly refused: "not_allowed"; readonly message: string }
  /** It is over, or not yet. */
  | { readonly refused: "wrong_state"; readonly message: string; readonly state: RunRow["state"] }
  /** It would do something that was not agreed to: `facts` say what. */
  | { readonly refused: "needs_yes"; readonly message: string; readonly remedy: string; readonly facts: { readonly [name: string]: unknown } }
  | { readonly refused: "queue_full"; readonly message: string; readonly retryAfterSeconds: number }
  | { readonly refused: "bad_cursor"; readonly message: string }

export type LaunchRefusal = RunRefusal | VersionRefusal

export type Refused<Refusal = RunRefusal> = { readonly ok: false; readonly refusal: Refusal }

type Plain =
  | "no_origin"
  | "no_kernel"
  | "no_such_cell"
  | "no_such_person"
  | "no_such_run"
  | "no_such_attempt"
  | "no_such_artifact"
  | "no_such_run_file"
  | "no_result"
  | "not_allowed"
  | "bad_cursor"
  | "unreadable_notebook"

export function refuse(
  refused: Plain,
  message: string,
): { readonly ok: false; readonly refusal: { readonly refused: Plain; readonly message: string } } {
  return { ok: false, refusal: { refused, message } }
}
