import type { Api } from "#api/serve/handler.ts"
import type { TemplateWorld } from "#template/index.ts"

export function worldOf({ world }: Api): TemplateWorld {
  return { ...world.work, signer: world.signer, sha256: world.sha256 }
}
