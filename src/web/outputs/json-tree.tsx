/** JSON as a tree: branches open when they are asked for, and long ones show a part at a time. */
import { type ReactNode, useState } from "react"
import styles from "#web/outputs/outputs.module.css"

const AT_ONCE = 100
const LONGEST = 500

type TreeProps = { readonly name?: string; readonly value: unknown; readonly isOpen?: boolean }

export function JsonTree({ name, value, isOpen = true }: TreeProps): ReactNode {
  return (
    <div className={styles["tree"]}>
      <Branch name={name} value={value} isOpen={isOpen} />
    </div>
  )
}

type BranchProps = { readonly name: string | undefined; readonly value: unknown; readonly isOpen: boolean }

function Branch({ name, value, isOpen }: BranchProps): ReactNode {
  const [open, setOpen] = useState(isOpen)
  const [many, setMany] = useState(AT_ONCE)
  const entries = entriesOf(value)
  if (!entries)
    return (
      <div className={styles["leaf"]}>
        <Name name={name} />
        <Leaf value={value} />
      </div>
    )
  return (
    <div className={styles["branch"]}>
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Name name={name} />
        <span className={styles["aside"]}>
          {Array.isArray(value) ? `[${entries.length.toLocaleString("en")}]` : `{${entries.length.toLocaleString("en")}}`}
        </span>
      </button>
      {open && (
        <div className={styles["branches"]}>
          {entries.slice(0, many).map(([key, inner]) => (
            <Branch key={key} name={key} value={inner} isOpen={false} />
          ))}
          {entries.length > many && (
            <button type="button" className={styles["more"]} onClick={() => setMany(many * 10)}>
              {(entries.length - many).toLocaleString("en")} more · Show more
            </button>
          )}
        </div>
      )}
    </div>
  )
}

function Name({ name }: { readonly name: string | undefined }): ReactNode {
  return name === undefined ? null : <span className={styles["key"]}>{name.slice(0, LONGEST)}: </span>
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (typeof value !== "object" || value === null) return undefined
  return Array.isArray(value) ? value.map((item, index) => [String(index), item] as const) : Object.entries(value)
}

function Leaf({ value }: { readonly value: unknown }): ReactNode {
  if (typeof value === "string")
    return (
      <span className={styles["string"]}>
        {JSON.stringify(value.slice(0, LONGEST))}
        {value.length > LONGEST && ` … ${(value.length - LONGEST).toLocaleString("en")} more characters`}
      </span>
    )
  return <span className={styles["literal"]}>{String(value)}</span>
}
