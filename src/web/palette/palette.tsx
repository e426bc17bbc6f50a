/** Ctrl/Cmd+K: one field that reaches notebooks, templates, spaces, people, screens and actions, by the keyboard alone. */
import { Modal, useMantineColorScheme } from "@mantine/core"
import { useDebouncedValue } from "@mantine/hooks"
import {
  IconArrowRight,
  IconFilePlus,
  IconFolder,
  IconInbox,
  IconMoon,
  IconNotebook,
  IconPlayerPlay,
  type IconProps,
  IconRubberStamp,
  IconSearch,
  IconSettings,
  IconSun,
  IconTrash,
  IconUpload,
  IconUser,
} from "@tabler/icons-react"
import { type ComponentType, type KeyboardEvent, useEffect, useId, useRef, useState } from "react"
import { useApi } from "#web/app/api.ts"
import { useGo } from "#web/app/go.tsx"
import { useMe } from "#web/app/me.ts"
import { notebookHref, searchHref, spaceHref, templateHref } from "#web/app/places.ts"
import { fits } from "#web/palette/fits.ts"
import css from "#web/palette/palette.module.css"
import { NewNotebookDialog } from "#web/space/new-notebook-dialog.tsx"
import { UploadDialog } from "#web/space/upload-dialog.tsx"

type Choice = {
  readonly key: string
  readonly icon: ComponentType<IconProps>
  readonly word: string
  readonly beside?: string
  readonly do: () => void
}
type Group = { readonly name: string; readonly choices: readonly Choice[] }
type Dialog = "new" | "upload"

type Typed = {
  readonly text: string
  readonly onText: (text: string) => void
  /** The field has the focus: keys come by themselves from now on. */
  readonly onThere: () => void
}

export function Palette({ onClose, ...typed }: Typed & { readonly onClose: () => void }) {
  const [dialog, setDialog] = useState<Dialog>()
  if (dialog === "new") return <NewNotebookDialog onClose={onClose} />
  if (dialog === "upload") return <UploadDialog onClose={onClose} />
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size={620}
      yOffset="12vh"
      title="Search and commands"
      classNames={{ body: css["body"] ?? "", header: "unseen" }}
    >
      <Finder {...typed} onClose={onClose} onDialog={setDialog} />
    </Modal>
  )
}

const FINDS = "Find notebooks, templates, spaces, people and actions"

type Finding = Typed & { readonly onClose: () => void; readonly onDialog: (dialog: Dialog) => void }

function Finder({ text, onText, onThere, onClose, onDialog }: Finding) {
  const groups = useGroups(text, onClose, onDialog)
  const choices = groups.flatMap((group) => group.choices)
  const [at, setAt] = useState(0)
  const chosen = choices[Math.min(at, choices.length - 1)]
  const list = useId()
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0
    if (step !== 0) setAt((now) => (Math.min(now, choices.length - 1) + step + choices.length) % Math.max(1, choices.length))
    else if (event.key === "Enter" && !event.nativeEvent.isComposing) chosen?.do()
    else return
    event.preventDefault()
  }
  return (
    <>
      <div className={css["ask"]}>
        <IconSearch size={18} stroke={1.6} aria-hidden="true" />
        <input
          data-autofocus
          role="combobox"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={chosen ? `${list}-${chosen.key}` : undefined}
          aria-label={FINDS}
          placeholder={FINDS}
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => {
            onText(event.currentTarget.value)
            setAt(0)
          }}
          onFocus={(event) => {
            event.currentTarget.setSelectionRange(text.length, text.length)
            onThere()
          }}
          onKeyDown={press}
        />
        <kbd>esc</kbd>
      </div>
      <div id={list} role="listbox" aria-label="Choices" className={css["list"]} tabIndex={-1}>
        {groups.map((group) => (
          <Choices key={group.name} group={group} chosen={chosen} list={list} />
        ))}
      </div>
    </>
  )
}

function Choices({ group, chosen, list }: { readonly group: Group; readonly chosen: Choice | undefined; readonly list: string }) {
  if (group.choices.length === 0) return null
  const label = `${list}-${group.name}`
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a listbox
    <div role="group" aria-labelledby={label}>
      <div id={label} className={css["name"]}>
        {group.name}
      </div>
      {group.choices.map((choice) => (
        <Option key={choice.key} id={`${list}-${choice.key}`} choice={choice} isChosen={choice.key === chosen?.key} />
      ))}
    </div>
  )
}

function Option({
  id,
  choice: { icon: Icon, word, beside, do: act },
  isChosen,
}: {
  readonly id: string
  readonly choice: Choice
  readonly isChosen: boolean
}) {
  const row = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (isChosen) row.current?.scrollIntoView({ block: "nearest" })
  }, [isChosen])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the focus and hears the keys
    // biome-ignore lint/a11y/useFocusableInteractive: as above
    <div ref={row} id={id} role="option" aria-selected={isChosen} className={css["choice"]} onClick={act}>
      <Icon size={16} stroke={1.6} aria-hidden="true" />
      <bdi className={css["word"]}>{word}</bdi>
      {beside !== undefined && <bdi className={css["beside"]}>{beside}</bdi>}
    </div>
  )
}

function useGroups(text: string, onClose: () => void, onDialog: (dialog: Dialog) => void): readonly Group[] {
  const go = useGo()
  const me = useMe()
  const typed = text.trim()
  const [asked] = useDebouncedValue(typed, 120)
  const name = asked === "" ? {} : { name: asked }
  const notebooks = useApi("listNotebooks", { query: { limit: 8, order: "updated", ...name } })
  const spaces = useApi("listSpaces", { query: {} })
  const templates = useApi("listTemplates", { query: { limit: 5, q: asked } }, { enabled: asked !== "" })
  const people = useApi("listPeople", { query: { limit: 5, q: asked } }, { enabled: asked !== "" })
  const to = (href: string) => () => {
    onClose()
    go(href)
  }
  // Until the answer for what is typed now has come, Enter must not open one that was found for something else.
  const isAnswered = asked === typed && notebooks.data !== undefined
  const known = (notebooks.data?.items ?? []).filter(({ title, path }) => isAnswered || fits(typed, `${title} ${path}`))
  const found = known.map(({ id, title, space, path }) => ({
    key: id,
    icon: IconNotebook,
    word: title,
    beside: `${space.name}/${path}`,
    do: to(notebookHref(id)),
  }))
  const places = (spaces.data?.items ?? [])
    .filter((space) => fits(typed, `${space.title} ${space.name}`))
    .slice(0, typed === "" ? 4 : 8)
    .map((space) => ({ key: space.id, icon: IconFolder, word: space.title, beside: space.name, do: to(spaceHref(space.name)) }))
  const named = (typed === "" ? [] : (templates.data?.items ?? []))
    .filter((template) => asked === typed || fits(typed, `${template.title} ${template.name}`))
    .map((template) => ({
      key: template.id,
      icon: IconRubberStamp,
      word: template.title,
      beside: template.name,
      do: to(templateHref(template.name)),
    }))
  const persons = (asked === "" ? [] : (people.data?.items ?? [])).map((person) => ({
    key: person.id,
    icon: IconUser,
    word: person.name,
    beside: "their notebooks",
    do: to(`/?owner=${person.id}`),
  }))
  const actions = useActions(to, onDialog, onClose)
  const text1 = { key: "text", icon: IconSearch, word: `Search all notebooks for “${typed}”`, do: to(searchHref(typed)) }
  return [
    { name: typed === "" ? "Recent notebooks" : "Notebooks", choices: found },
    { name: "Templates", choices: named },
    { name: "Spaces", choices: places },
    { name: "People", choices: persons },
    { name: "Actions", choices: actions.filter(({ word, isAdmin }) => fits(typed, word) && (!isAdmin || me.isAdmin)) },
    { name: "In the text", choices: typed === "" ? [] : [text1] },
  ]
}

type Action = Choice & { readonly isAdmin?: boolean }

function useActions(to: (href: string) => () => void, onDialog: (dialog: Dialog) => void, onClose: () => void): readonly Action[] {
  const { setColorScheme } = useMantineColorScheme()
  const colours = (scheme: "light" | "dark") => () => {
    setColorScheme(scheme)
    onClose()
  }
  const screens = [
    ["Go home", "/", IconArrowRight, false],
    ["Open the inbox", "/inbox", IconInbox, false],
    ["See all templates", "/templates", IconRubberStamp, false],
    ["See all runs", "/runs", IconPlayerPlay, false],
    ["See failed runs", "/runs?state=failed", IconPlayerPlay, false],
    ["See all spaces", "/spaces", IconFolder, false],
    ["Open the trash", "/trash", IconTrash, false],
    ["Settings: profile", "/settings/profile", IconSettings, false],
    ["Settings: API tokens", "/settings/tokens", IconSettings, false],
    ["Settings: subscriptions", "/settings/subscriptions", IconSettings, false],
    ["Settings: people", "/settings/people", IconSettings, false],
    ["Settings: groups", "/settings/groups", IconSettings, false],
    ["Settings: environments", "/settings/environments", IconSettings, false],
    ["Settings: audit", "/settings/audit", IconSettings, true],
    ["Settings: health", "/settings/health", IconSettings, true],
  ] as const
  return [
    { key: "new", icon: IconFilePlus, word: "New notebook", do: () => onDialog("new") },
    { key: "upload", icon: IconUpload, word: "Upload files", do: () => onDialog("upload") },
    ...screens.map(([word, href, icon, isAdmin]) => ({ key: href, icon, word, isAdmin, do: to(href) })),
    { key: "light", icon: IconSun, word: "Light colours", do: colours("light") },
    { key: "dark", icon: IconMoon, word: "Dark colours", do: colours("dark") },
  ]
}
