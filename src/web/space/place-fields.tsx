/** Where something is put: a space, and a folder in it. */
import { Select, TextInput } from "@mantine/core"
import { useApi } from "#web/app/api.ts"
import { isAtLeast, useMe } from "#web/app/me.ts"

export type Place = { readonly space: string; readonly folder: string }

/** The spaces in which the person may put things, by name; undefined while they are asked for. */
export function useEditableSpaces(): readonly { readonly name: string; readonly title: string }[] | undefined {
  const me = useMe()
  const { data } = useApi("listSpaces", { query: {} })
  return data?.items.filter(({ role }) => me.isAdmin || isAtLeast(role, "editor"))
}

/** Where it is put unless somebody says otherwise: the space that was named, else the first one. */
export function usePlace(given: Partial<Place>, chosen: Partial<Place>): Place {
  const spaces = useEditableSpaces()
  return { space: chosen.space ?? given.space ?? spaces?.[0]?.name ?? "", folder: chosen.folder ?? given.folder ?? "" }
}

type Props = { readonly place: Place; readonly onChange: (place: Place) => void }

export function PlaceFields({ place, onChange }: Props) {
  const spaces = useEditableSpaces()
  const choices = (spaces ?? []).map(({ name, title }) => ({ value: name, label: title === name ? name : `${title} (${name})` }))
  return (
    <>
      <Select
        label="Space"
        data={choices}
        value={place.space === "" ? null : place.space}
        onChange={(space) => onChange({ ...place, space: space ?? "" })}
        searchable={choices.length > 8}
        error={spaces?.length === 0 ? "There is no space in which you may put anything. Make one, or ask for the role of an editor." : undefined}
      />
      <TextInput
        label="Folder"
        description="Folders in it are separated by “/”; one that is not there is made."
        placeholder="at the top of the space"
        value={place.folder}
        onChange={(event) => onChange({ ...place, folder: event.currentTarget.value })}
      />
    </>
  )
}

/** As a path is written: no slash at its ends, and none twice. */
export function cleanFolder(text: string): string {
  return text
    .split("/")
    .map((part) => part.trim())
    .filter(Boolean)
    .join("/")
}
