/** One parameter of a launch form. */
import { MultiSelect, PasswordInput, Select, Textarea, TextInput, UnstyledButton } from "@mantine/core"
import type { ReactNode } from "react"
import type { Field } from "#web/launch/field.ts"
import { FileField, type FileFieldProps } from "#web/launch/file-field.tsx"
import { FilesField } from "#web/launch/files-field.tsx"
import { type Upload, uploadIn } from "#web/launch/given-file.ts"
import css from "#web/launch/launch.module.css"
import { shortValue } from "#web/launch/typed.ts"

type Props = {
  readonly field: Field
  readonly text: string
  readonly problem: string | undefined
  readonly onType: (text: string) => void
  readonly onLeave: () => void
  /** What only files need. */
  readonly file: Pick<FileFieldProps, "sentFor" | "onBusy"> & { readonly uploads: ReadonlyMap<string, Upload | null> }
}

export function ParameterField({ field, text, problem, onType, onLeave, file }: Props) {
  const { name, title, help, words, required } = field
  const about = {
    id: fieldId(name),
    label: <Label name={name} title={title} words={rangeWords(field, words)} isAsked={required && field.defaultText === ""} />,
    description: help === "" ? undefined : help,
    error: problem,
    value: text,
    onBlur: onLeave,
    "aria-required": required,
    autoComplete: "off",
    spellCheck: false,
  }
  const onChange = (event: { readonly currentTarget: { readonly value: string } }) => onType(event.currentTarget.value)
  const own = { id: about.id, field, label: about.label, text, problem, onType }
  return (
    <div className={css["field"]}>
      {field.kind === "file" ? (
        <FileField {...own} {...file} upload={file.uploads.get(uploadIn(text) ?? "")} />
      ) : field.kind === "files" ? (
        <FilesField {...own} {...file} />
      ) : (
        control({ field, about, onChange, onType })
      )}
      <Reset field={field} text={text} onType={onType} />
    </div>
  )
}

type Control = {
  readonly field: Field
  readonly about: {
    readonly id: string
    readonly label: ReactNode
    readonly value: string
    readonly error: string | undefined
    readonly onBlur: () => void
  }
  readonly onChange: (event: { readonly currentTarget: { readonly value: string } }) => void
  readonly onType: (text: string) => void
}

function control({ field, about, onChange, onType }: Control): ReactNode {
  switch (field.kind) {
    case "flag":
      return <Select {...about} data={flags(field)} onChange={(chosen) => onType(chosen ?? "")} />
    case "choice":
      return (
        <Select
          {...about}
          data={field.choices.map(({ key, word }) => ({ value: key, label: word }))}
          onChange={(chosen) => onType(chosen ?? "")}
          searchable={field.choices.length > 12}
          placeholder="Choose"
        />
      )
    case "choices":
      return (
        <MultiSelect
          {...about}
          data={field.choices.map(({ key, word }) => ({ value: key, label: word }))}
          value={about.value === "" ? [] : about.value.split("\n")}
          onChange={(chosen) => onType(chosen.join("\n"))}
          searchable={field.choices.length > 12}
          placeholder={about.value === "" ? "Choose" : ""}
        />
      )
    case "secret":
      return <PasswordInput {...about} onChange={onChange} autoComplete="new-password" />
    case "date":
      return <TextInput {...about} type="date" onChange={onChange} />
    case "json":
      return (
        <Textarea
          {...about}
          onChange={onChange}
          autosize
          minRows={field.initial.includes("\n") ? 4 : 2}
          maxRows={14}
          classNames={{ input: css["code"] ?? "" }}
        />
      )
    case "list":
    case "longText":
      return <Textarea {...about} onChange={onChange} autosize minRows={2} maxRows={14} />
    case "integer":
    case "number":
      return (
        <TextInput
          {...about}
          onChange={onChange}
          inputMode={field.kind === "integer" ? "numeric" : "decimal"}
          classNames={{ input: css["number"] ?? "" }}
        />
      )
    default:
      return <TextInput {...about} onChange={onChange} placeholder={PLACEHOLDERS[field.kind]} />
  }
}

const PLACEHOLDERS: Partial<Record<Field["kind"], string>> = {
  time: "08:30:00",
  dateTime: "2026-01-31T08:30:00",
  table: "sales.orders",
  connection: "warehouse",
}

function flags({ nullable, required }: Field) {
  const none = nullable || required ? [{ value: "", label: nullable ? "none" : "Choose" }] : []
  return [...none, { value: "true", label: "yes" }, { value: "false", label: "no" }]
}

type LabelProps = { readonly name: string; readonly title: string; readonly words: string; readonly isAsked: boolean }

function Label({ name, title, words, isAsked }: LabelProps) {
  return (
    <>
      {title === name ? (
        <code className={css["name"]}>{name}</code>
      ) : (
        <b className={css["name"]} title={name} dir="auto">
          {title}
        </b>
      )}{" "}
      <span className={css["words"]}>
        {words}
        {isAsked && ", needed"}
      </span>
    </>
  )
}

/** "whole number, 1 to 31" */
export function rangeWords({ min, max }: Field, words: string): string {
  const [from, to] = [min === undefined ? "" : shortValue(min), max === undefined ? "" : shortValue(max)]
  if (from === "" && to === "") return words
  return `${words}, ${from === "" ? `at most ${to}` : to === "" ? `at least ${from}` : `${from} to ${to}`}`
}

function Reset({ field, text, onType }: Pick<Props, "field" | "text" | "onType">) {
  if (field.required || field.kind === "secret" || text === field.defaultText) return null
  return (
    <UnstyledButton className={css["reset"]} onClick={() => onType(field.defaultText)} aria-label={`Reset ${field.name} to the notebook's default`}>
      Reset
    </UnstyledButton>
  )
}

export function fieldId(name: string): string {
  return `parameter-${name}`
}
