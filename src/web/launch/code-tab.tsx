/** The launch of the form as a program would send it. */
import { Button } from "@mantine/core"
import { copyText } from "#web/app/copy.ts"
import { asCommand, asCurl, asPython, type LaunchCode } from "#web/launch/as-code.ts"
import css from "#web/launch/launch.module.css"

export function CodeTab({ launch, isWhole }: { readonly launch: LaunchCode; readonly isWhole: boolean }) {
  return (
    <>
      {!isWhole && <p className={css["note"]}>Some values of the form do not fit yet; they are left out here.</p>}
      <Snippet title="Command line" code={asCommand(launch)} />
      <Snippet title="Python" code={asPython(launch)} />
      <Snippet title="curl" code={asCurl(launch)} />
      <p className={css["none"]}>
        Each needs a token with the scope <code>run</code>: make one under Settings, and put it into <code>STET_TOKEN</code>.
      </p>
    </>
  )
}

function Snippet({ title, code }: { readonly title: string; readonly code: string }) {
  return (
    <section className={css["snippet"]} aria-label={title}>
      <h3>{title}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is wider than the page is scrolled by keyboard too */}
      <pre tabIndex={0}>{code}</pre>
      <Button size="compact-xs" variant="subtle" className={css["copy"] ?? ""} onClick={() => copyText(code, `${title} copied.`)}>
        Copy
      </Button>
    </section>
  )
}
