/** A mail server as an organisation has one: it asks for a password, and what it is given lies there to be read. */
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { SMTPServer } from "smtp-server"

export type MailServer = {
  /** What Stet is told of it. */
  readonly env: Readonly<Record<"STET_SMTP_URL" | "STET_MAIL_FROM", string>>
  readonly password: string
  /** Each as it came, and with its lines made whole. */
  readonly letters: readonly string[]
  readonly close: () => Promise<void>
}

export async function startMail(): Promise<MailServer> {
  const password = `c4n4ry-smtp-${randomBytes(12).toString("hex")}`
  const letters: string[] = []
  const server = new SMTPServer({
    allowInsecureAuth: true,
    disabledCommands: ["STARTTLS"],
    onAuth: (auth, _session, done) => (auth.password === password ? done(null, { user: auth.username }) : done(new Error("not this password"))),
    onData(stream, _session, done) {
      let text = ""
      stream.setEncoding("utf8").on("data", (part: string) => {
        text += part
      })
      stream.on("end", () => {
        letters.push(`${text}\n${text.replaceAll("=\r\n", "")}`)
        done()
      })
    },
  })
  server.listen(0, "127.0.0.1")
  await once(server.server, "listening")
  const { port } = server.server.address() as AddressInfo
  return {
    env: { STET_SMTP_URL: `smtp://stet:${password}@127.0.0.1:${port}`, STET_MAIL_FROM: "stet@example.org" },
    password,
    letters,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
