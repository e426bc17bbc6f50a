// The package brings no types; this is what the test of single sign-on uses of it.
declare module "oidc-provider" {
  import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"

  type Account = { accountId: string; claims(): object }
  type Context = { oidc: { client: { clientId: string }; session: { accountId: string } } }
  type Configuration = {
    clients: readonly object[]
    claims: { readonly [scope: string]: readonly string[] }
    scopes: readonly string[]
    cookies: { keys: readonly string[] }
    features: { readonly [name: string]: { enabled: boolean } }
    interactions: { url(context: unknown, interaction: { uid: string }): string }
    pkce: { required(): boolean }
    ttl: { readonly [kind: string]: number }
    findAccount(context: unknown, id: string): Promise<Account | undefined>
    loadExistingGrant(context: Context): Promise<object | undefined>
  }

  export class Provider {
    constructor(issuer: string, configuration: Configuration)
    callback(): RequestListener
    interactionFinished(request: IncomingMessage, response: ServerResponse, result: object): Promise<void>
    Grant: new (of: {
      clientId: string
      accountId: string
    }) => { addOIDCScope(scope: string): void; save(): Promise<string> }
  }
}
