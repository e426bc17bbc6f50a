/** Pages of files on GitHub (`…/blob/…`) are read as the files they show, the way papermill's users are used to. */

const RAW_HOST = "raw.githubusercontent.com"

/** Any other address comes back as it is. */
export function rawGithubAddress(url: URL): URL {
  const [owner, repository, view, ...rest] = url.pathname.split("/").slice(1)
  const isFile = (view === "blob" || view === "raw") && rest.length >= 2
  if (!/^(www\.)?github\.com$/.test(url.hostname) || !isFile) return url
  return new URL(`https://${RAW_HOST}/${owner}/${repository}/${rest.join("/")}`)
}

/** GITHUB_ACCESS_TOKEN, for GitHub's file host over TLS and nobody else. */
export function githubToken(url: URL, env: { readonly [name: string]: string | undefined }): string | undefined {
  return url.origin === `https://${RAW_HOST}` ? env["GITHUB_ACCESS_TOKEN"] || undefined : undefined
}
