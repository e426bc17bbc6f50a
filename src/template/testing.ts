/** The vocabulary of the tests of templates: the words of a refusal, a proposal that was proven. */
import { createHash } from "node:crypto"
import { join } from "node:path"
import { signingKey } from "#people/adapters/signing-key.ts"
import type { Actor } from "#people/index.ts"
import { signerIn } from "#template/adapters/signer.ts"
import { lookAtProposal, type SeenProposal } from "#template/look.ts"
import type { TemplateWorld } from "#template/ports.ts"
import type { Platform } from "#work/testing.ts"

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

type Said<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: { readonly refused: string; readonly message: string } }

/** The value, or an error with the refusal in it. */
export function got<Value>(outcome: Said<Value>): Value {
  if (!outcome.ok) throw new Error(`${outcome.refusal.refused}: ${outcome.refusal.message}`)
  return outcome.value
}

/** The code of the refusal, or "accepted". */
export function refusedAs(outcome: { readonly ok: boolean; readonly refusal?: { readonly refused: string } }): string {
  return outcome.ok ? "accepted" : (outcome.refusal?.refused ?? "")
}

export async function templateWorld(at: Platform): Promise<TemplateWorld> {
  return { ...at.world, signer: signerIn(join(at.home, "keys"), signingKey), sha256 }
}

/** Waits until nothing of it runs any more. */
export async function provenBy(world: TemplateWorld, actor: Actor, id: string): Promise<SeenProposal> {
  for (let turn = 0; turn < 600; turn++) {
    const view = got(await lookAtProposal(world, actor, id))
    if (view.checks.every(({ verdict }) => verdict !== "pending")) return view
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error("its checks do not end")
}
