import css from "#web/app/person.module.css"
import { colourIndex } from "#web/app/person-colour.ts"
import { initials } from "#web/app/words.ts"

export type PersonShown = { readonly id: string; readonly name: string; readonly hasLeft?: boolean }

/** A person in a line of text or a table. `mark`: with the disc of their initials. */
export function Person({ person, mark = false }: { readonly person: PersonShown; readonly mark?: boolean }) {
  return (
    <span className={css["person"]}>
      {mark && <Disc person={person} />}
      <bdi>{person.name}</bdi>
      {person.hasLeft && <span className={css["left"]}> (has left)</span>}
    </span>
  )
}

/** The disc of somebody's initials, in a colour that stays theirs. Says the name to those who do not see it. */
export function Disc({ person, size = 20 }: { readonly person: PersonShown; readonly size?: number }) {
  const style = { background: colourOf(person.id), width: size, height: size, fontSize: size * 0.44 }
  return (
    <span className={css["disc"]} style={style} aria-hidden="true" title={person.name}>
      {initials(person.name)}
    </span>
  )
}

/** Dark enough for white letters, whatever the hue; as in a notebook that they have open. */
function colourOf(id: string): string {
  return `oklch(from var(--chart-${colourIndex(id) + 1}) 0.47 min(c, 0.13) h)`
}
