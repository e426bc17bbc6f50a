import { describe, expect, test } from "vitest"
import { publicUrl, readConfiguration } from "#configuration.ts"

const MACHINE = { userHome: "/home/ada", cores: 2, cwd: "/srv" }

function problems(env: Record<string, string>): readonly string[] {
  const read = readConfiguration(env, MACHINE)
  return read.ok ? [] : read.refusal
}

describe("configuration", () => {
  test("without any variable everything is embedded and only this machine reaches it", () => {
    const read = readConfiguration({ PATH: "/bin" }, MACHINE)
    expect(read.ok && read.value).toMatchObject({
      home: "/home/ada/.stet",
      host: "127.0.0.1",
      port: 7838,
      databaseUrl: undefined,
      blobs: { kind: "directory", path: "/home/ada/.stet/store" },
      isolation: "auto",
      leaseSeconds: 20,
    })
  })

  test("a variable that Stet does not know refuses to start, and the one that was meant is named", () => {
    expect(problems({ STET_ISOLATON: "L2" })[0]).toMatch(/STET_ISOLATON is not a variable that Stet knows. Did you mean STET_ISOLATION\?/)
  })

  test("processors of a kernel come in parts of one, and are not bounded unless somebody says so", () => {
    const cpus = (env: Record<string, string>) => {
      const read = readConfiguration(env, MACHINE)
      return read.ok ? read.value.kernelCpus : read.refusal
    }
    expect([cpus({}), cpus({ STET_KERNEL_CPUS: "1.5" }), cpus({ STET_KERNEL_CPUS: "2" })]).toEqual([undefined, 1.5, 2])
    for (const wrong of ["0", "two", "-1", "1e3", "2000"])
      expect(cpus({ STET_KERNEL_CPUS: wrong })).toEqual([expect.stringContaining("STET_KERNEL_CPUS is")])
  })

  test("all problems come at once", () => {
    expect(problems({ STET_PORT: "x", STET_SLOTS: "0", STET_TLS_CERT: "a.pem", STET_BLOBS: "gs://x", STET_ISOLATION: "L9" })).toHaveLength(5)
  })

  test.each(["0.0.0.0", "::", "10.0.0.4", "stet.example.org"])("an address that others reach (%s) needs TLS or a trusted proxy", (host) => {
    expect(problems({ STET_HOST: host })[0]).toMatch(/nothing protects passwords/)
    expect(problems({ STET_HOST: host, STET_TRUST_PROXY: "1" })).toEqual([])
    expect(problems({ STET_HOST: host, STET_TLS_CERT: "c", STET_TLS_KEY: "k" })).toEqual([])
  })

  test("who comes in by single sign-on is set whole: groups, domains, sign-up, joining by address", () => {
    const issuer = { STET_OIDC_ISSUER: "https://id.example", STET_OIDC_CLIENT_ID: "stet" }
    const policy = (env: Record<string, string>) => {
      const read = readConfiguration({ ...issuer, ...env }, MACHINE)
      return read.ok ? read.value.oidc?.policy : read.refusal
    }
    expect(policy({})).toEqual({ allowedGroups: [], allowedDomains: [], signUp: true, linkVerifiedEmail: false })
    const set = {
      STET_OIDC_ALLOWED_GROUPS: "team, night shift",
      STET_OIDC_ALLOWED_DOMAINS: " Example.org,@dept.example.org ,",
      STET_OIDC_SIGN_UP: "0",
      STET_OIDC_LINK_EMAIL: "1",
    }
    expect(policy(set)).toEqual({
      allowedGroups: ["team", "night shift"],
      allowedDomains: ["example.org", "dept.example.org"],
      signUp: false,
      linkVerifiedEmail: true,
    })
    for (const wrong of ["org", "*.example.org", "ada@example.org", "https://example.org"])
      expect(policy({ STET_OIDC_ALLOWED_DOMAINS: wrong })).toEqual([expect.stringContaining("STET_OIDC_ALLOWED_DOMAINS holds")])
    expect(policy({ STET_OIDC_SIGN_UP: "maybe" })).toEqual([expect.stringContaining("STET_OIDC_SIGN_UP")])
  })

  test("data folders are whole paths beside the home", () => {
    const read = readConfiguration({ STET_DATA_FOLDERS: "/data, /srv/models/," }, MACHINE)
    expect(read.ok && read.value.dataFolders).toEqual(["/data", "/srv/models"])
    expect(problems({ STET_DATA_FOLDERS: "data" })[0]).toMatch(/STET_DATA_FOLDERS holds "data". Write whole paths/)
    for (const wrong of ["/", "/home", "/home/ada/.stet", "/home/ada/.stet/store", "/data/../home/ada"])
      expect(problems({ STET_DATA_FOLDERS: wrong })[0]).toMatch(/kernels must not read Stet's own files in \/home\/ada\/.stet/)
    expect(problems({ STET_DATA_FOLDERS: "/home/ada/.stet-data" })).toEqual([])
  })

  test("blobs go to a bucket when one is named", () => {
    const read = readConfiguration({ STET_BLOBS: "s3://team-blobs/stet/" }, MACHINE)
    expect(read.ok && read.value.blobs).toEqual({ kind: "s3", bucket: "team-blobs", prefix: "stet" })
  })

  test("the public address is the one that was set, else made of host and port", () => {
    const plain = readConfiguration({}, MACHINE)
    const named = readConfiguration({ STET_URL: "https://stet.example.org/" }, MACHINE)
    expect(plain.ok && publicUrl(plain.value, 7839)).toBe("http://localhost:7839")
    expect(named.ok && publicUrl(named.value, 7839)).toBe("https://stet.example.org")
  })
})
