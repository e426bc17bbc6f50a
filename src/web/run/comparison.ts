/** A run beside an earlier one: values and packages that are not the same. Pure. */
import { isObject, type Json } from "#base/json.ts"
import { shortValue } from "#web/launch/typed.ts"

/** Undefined on the side that has none. */
export type Difference = { readonly name: string; readonly before: string | undefined; readonly after: string | undefined }

export function valuesDiffer(before: unknown, after: unknown): readonly Difference[] {
  const [left, right] = [recordOf(before), recordOf(after)]
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].sort()
  return names.flatMap((name) => {
    const [was, is] = [valueIn(left, name), valueIn(right, name)]
    return was === is ? [] : [{ name, before: was, after: is }]
  })
}

function recordOf(value: unknown): Readonly<Record<string, Json>> {
  return isObject(value as Json) ? (value as Readonly<Record<string, Json>>) : {}
}

function valueIn(record: Readonly<Record<string, Json>>, name: string): string | undefined {
  return Object.hasOwn(record, name) ? shortValue(record[name], 2000) : undefined
}

export type EnvironmentFacts = {
  readonly interpreter: string
  readonly platform: string
  readonly kernel: string
  readonly packages: readonly { readonly name: string; readonly version: string }[]
}

/** What an environment says that it is made of; parts that it does not tell are empty. */
export function environmentFacts(what: unknown): EnvironmentFacts {
  const facts = recordOf(what)
  const part = (name: string) => recordOf(facts[name])
  const words = (name: string, ...keys: readonly string[]) =>
    keys
      .map((key) => part(name)[key])
      .filter((one) => typeof one === "string" && one !== "")
      .join(" ")
  const packages = Array.isArray(facts["packages"]) ? facts["packages"] : []
  return {
    interpreter: words("interpreter", "name", "version"),
    platform: words("platform", "os", "machine", "libc"),
    kernel: words("kernel", "displayName"),
    packages: packages.flatMap((one) => {
      const { name, version } = recordOf(one)
      return typeof name === "string" ? [{ name, version: typeof version === "string" ? version : "" }] : []
    }),
  }
}

export function environmentsDiffer(before: EnvironmentFacts, after: EnvironmentFacts): readonly Difference[] {
  const own = (facts: EnvironmentFacts): Record<string, string> => ({
    interpreter: facts.interpreter,
    platform: facts.platform,
    kernel: facts.kernel,
  })
  const packages = (facts: EnvironmentFacts) => Object.fromEntries(facts.packages.map(({ name, version }) => [name, version]))
  return [...valuesDiffer(own(before), own(after)), ...valuesDiffer(packages(before), packages(after))]
}
