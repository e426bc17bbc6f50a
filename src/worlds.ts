/** The rooms' worlds as a real machine has them: what the server, the worker and the operator's commands are made of. */
import { join } from "node:path"
import type { Random } from "#base/id.ts"
import type { Clock } from "#base/time.ts"
import { type BlobPlace, type Configuration, type Oidc, publicUrl } from "#configuration.ts"
import type { Database } from "#database/index.ts"
import { localMachine } from "#environment/adapters/machine.ts"
import type { EnvironmentWorld } from "#environment/index.ts"
import { localKernels } from "#kernel/adapters/local.ts"
import type { Kernels } from "#kernel/index.ts"
import { directoryBlobs } from "#library/adapters/blobs/directory.ts"
import { brotliPacking, sha256Digest } from "#library/adapters/packing.ts"
import type { Blobs, LibraryWorld } from "#library/index.ts"
import { loadGrammars } from "#notebook/adapters/grammars.ts"
import { openCheckpoints } from "#people/adapters/checkpoints.ts"
import { openPeople, systemRandom } from "#people/adapters/world.ts"
import type { Checkpoints, IdentityProvider, PeopleWorld } from "#people/index.ts"
import { isPublic } from "#run/adapters/storage/addresses.ts"
import { systemClock } from "#run/adapters/system.ts"
import { outbound } from "#template/adapters/outbound.ts"
import type { Outbound } from "#template/index.ts"
import { threadComparing } from "#work/adapters/comparing.ts"
import { openQueue } from "#work/adapters/pg-boss-queue.ts"
import { sealKey } from "#work/adapters/seal-key.ts"
import type { Queue, WorkWorld } from "#work/index.ts"

export const clock: Clock = systemClock
export const random: Random = systemRandom

export type Env = { readonly [name: string]: string | undefined }

export async function openBlobs(place: BlobPlace, home: string): Promise<Blobs> {
  if (place.kind === "directory") return directoryBlobs(place.path)
  const [{ s3Blobs }, { clientConfig }] = await Promise.all([import("#library/adapters/blobs/s3.ts"), import("#run/adapters/storage/s3.ts")])
  const prefix = place.prefix === "" ? "" : `${place.prefix}/`
  return s3Blobs({ bucket: place.bucket, prefix, config: clientConfig(process.env), spool: join(home, "uploads") })
}

export function libraryWorld(database: Database, blobs: Blobs): LibraryWorld {
  return { db: database.db, blobs, digest: sha256Digest, packing: brotliPacking, clock, random, loadGrammars }
}

export function peopleWorld({ db }: Database, oidc: Oidc | undefined, url: string): PeopleWorld {
  return openPeople({ db, clock, random, ...(oidc ? { policy: { singleSignOn: oidc.policy } } : {}), provider: oidc && identityProvider(oidc, url) })
}

/** Signed heads of the audit's chain, kept beside the database and not in it. */
export function auditCheckpoints(home: string): Promise<Checkpoints> {
  return openCheckpoints({ keyFile: join(home, "keys", "audit.key"), file: join(home, "audit", "checkpoints.jsonl") })
}

/** What speaks the protocol is large, and nobody needs it until somebody signs in. */
function identityProvider({ issuer, clientId, clientSecret, groupsClaim }: Oidc, url: string): IdentityProvider {
  let opening: Promise<IdentityProvider> | undefined
  const opened = () => {
    opening ??= import("#people/adapters/oidc.ts").then(({ openIdProvider }) =>
      openIdProvider({ issuer, clientId, clientSecret: clientSecret ?? "", groupsClaim, redirectUri: `${url}/sign-in/callback` }),
    )
    return opening
  }
  return {
    issuer,
    address: async (flow) => (await opened()).address(flow),
    claims: async (query, flow) => (await opened()).claims(query, flow),
  }
}

export function kernelsOf(configuration: Configuration): Kernels {
  return localKernels({ managedPython: join(configuration.home, "python", "bin", "python") })
}

export function environmentWorld(
  configuration: Configuration,
  parts: { readonly database: Database; readonly kernels: Kernels; readonly env: NodeJS.ProcessEnv },
): EnvironmentWorld {
  const { database, kernels, env } = parts
  return {
    machine: localMachine({ home: configuration.home, env }),
    kernels: () => kernels.list(),
    clock,
    db: database.db,
    // What compiles a package runs as this process, and those who may save notebooks are not all its operators.
    mayCompile: false,
  }
}

/** The way to those who want to hear of runs. */
export function outboundOf(configuration: Configuration): Outbound {
  const { smtp, webhooksInside: allowPrivateAddresses, port } = configuration
  return outbound({ url: publicUrl(configuration, port), isPublic, allowPrivateAddresses, smtp })
}

export type WorkParts = { readonly database: Database; readonly library: LibraryWorld; readonly keys: string; readonly queue: Queue }

export function workWorld({ database, library, keys, queue }: WorkParts): WorkWorld {
  return { db: database.db, listen: database.listen, library, queue, seal: sealKey(keys), comparing: threadComparing(), clock, random }
}

export { openQueue }
