/** Why there is no environment to run in, in the words of the person who asked. */
export type EnvironmentRefusal = {
  readonly refused:
    | "no_such_environment"
    /** A list, name or inline block that cannot be read. */
    | "bad_requirements"
    /** It is known and cannot be had here any more: changed, or its interpreter is gone, or it is of another language. */
    | "environment_unusable"
    /** The package tool said no: no such package, no solution, does not install. */
    | "build_failed"
    | "cancelled"
  readonly message: string
  readonly remedy: string
  /** Each thing that is wrong with what was asked, by its member. */
  readonly problems?: readonly EnvironmentProblem[]
}

export type EnvironmentProblem = { readonly path: string; readonly message: string }

export type Refused = { readonly ok: false; readonly refusal: EnvironmentRefusal }

export function refuse(refused: EnvironmentRefusal["refused"], message: string, remedy: string): Refused {
  return { ok: false, refusal: { refused, message, remedy } }
}
