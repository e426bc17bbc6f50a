import { IconAlertTriangle, IconCheck, IconX } from "@tabler/icons-react"
import { useApi } from "#web/app/api.ts"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import { Time } from "#web/app/time.tsx"
import { Rows, Section } from "#web/settings/part.tsx"
import css from "#web/settings/settings.module.css"

const ICONS = { ok: IconCheck, warning: IconAlertTriangle, failed: IconX } as const

export function HealthPart() {
  const { data, error, refetch } = useApi("getHealth", {}, { everyMs: 30_000 })
  return (
    <>
      <Section title="Checks">
        {error ? <Problem error={error} retry={refetch} /> : null}
        {!data && !error && <SkeletonRows rows={6} />}
        {data && (
          <Rows columns={["Check", "State", "What it found"]} label="Checks">
            {data.checks.map(({ name, state, message, remedy }) => {
              const Icon = ICONS[state]
              return (
                <tr key={name}>
                  <td>{name}</td>
                  <td>
                    <span className={`${css["check"]} ${css[state]}`}>
                      <Icon size={14} aria-hidden="true" />
                      {state}
                    </span>
                  </td>
                  <td>
                    {message}
                    {remedy !== "" && <div className={css["quiet"]}>{remedy}</div>}
                  </td>
                </tr>
              )
            })}
          </Rows>
        )}
      </Section>
      <Section title="Workers">
        <Workers />
      </Section>
      {data && <p className={css["quiet"]}>Stet {data.version}</p>}
    </>
  )
}

function Workers() {
  const { data, error } = useApi("listWorkers", {}, { everyMs: 10_000 })
  if (error) return <Problem error={error} />
  if (!data) return <SkeletonRows rows={2} />
  if (data.items.length === 0) return <p>No worker is there: nothing that is ordered will run until one starts.</p>
  return (
    <Rows columns={["Machine", "Isolation", "Busy", "Since", "Heard of"]} label="Workers">
      {data.items.map(({ id, host, isolation, running, slots, startedAt, seenAt, draining }) => (
        <tr key={id}>
          <td>
            {host} {draining && <span className={css["warning"]}>takes no new run</span>}
          </td>
          <td className={css["quiet"]}>{isolation}</td>
          <td className={css["quiet"]}>
            {running} of {slots}
          </td>
          <td className={css["quiet"]}>
            <Time at={startedAt} />
          </td>
          <td className={css["quiet"]}>
            <Time at={seenAt} />
          </td>
        </tr>
      ))}
    </Rows>
  )
}
