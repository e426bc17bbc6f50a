/** Oneself, and for administrators the platform. */
import { lazy, Suspense } from "react"
import { Go } from "#web/app/go.tsx"
import { useMe } from "#web/app/me.ts"
import { NoSuchPage } from "#web/app/odd-pages.tsx"
import { Page } from "#web/app/page.tsx"
import { useParam } from "#web/app/params.ts"
import { SkeletonRows } from "#web/app/skeleton.tsx"
import css from "#web/settings/settings.module.css"

const PARTS = {
  profile: { word: "Profile", part: lazy(async () => ({ default: (await import("#web/settings/profile-part.tsx")).ProfilePart })) },
  tokens: { word: "API tokens", part: lazy(async () => ({ default: (await import("#web/settings/tokens-part.tsx")).TokensPart })) },
  subscriptions: {
    word: "Subscriptions",
    part: lazy(async () => ({ default: (await import("#web/settings/subscriptions-part.tsx")).SubscriptionsPart })),
  },
  people: { word: "People", part: lazy(async () => ({ default: (await import("#web/settings/people-part.tsx")).PeoplePart })) },
  groups: { word: "Groups", part: lazy(async () => ({ default: (await import("#web/settings/groups-part.tsx")).GroupsPart })) },
  environments: {
    word: "Environments",
    part: lazy(async () => ({ default: (await import("#web/settings/environments-part.tsx")).EnvironmentsPart })),
  },
  audit: { word: "Audit", part: lazy(async () => ({ default: (await import("#web/settings/audit-part.tsx")).AuditPart })) },
  health: { word: "Health", part: lazy(async () => ({ default: (await import("#web/settings/health-part.tsx")).HealthPart })) },
} as const
const FOR_ADMINISTRATORS: ReadonlySet<string> = new Set(["audit", "health"])

export function SettingsPage() {
  const me = useMe()
  const name = useParam("part") || "profile"
  if (!Object.hasOwn(PARTS, name)) return <NoSuchPage />
  const { word, part: Part } = PARTS[name as keyof typeof PARTS]
  const shown = Object.entries(PARTS).filter(([key]) => me.isAdmin || !FOR_ADMINISTRATORS.has(key))
  return (
    <Page title={word} crumbs={[{ label: "Settings", href: "/settings" }, { label: word }]}>
      <div className={css["settings"]}>
        <nav className={css["parts"]} aria-label="Settings">
          {shown.map(([key, { word: label }]) => (
            <Go key={key} href={`/settings/${key}`} aria-current={key === name ? "page" : undefined}>
              {label}
            </Go>
          ))}
        </nav>
        <div className={css["part"]}>
          <h1>{word}</h1>
          <Suspense fallback={<SkeletonRows rows={5} />}>
            <Part />
          </Suspense>
        </div>
      </div>
    </Page>
  )
}
