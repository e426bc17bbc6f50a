/** A version as it is, or what changed in it since another. */
import { useQuery } from "@tanstack/react-query"
import { useApi } from "#web/app/api.ts"
import { Empty } from "#web/app/empty.tsx"
import { Problem } from "#web/app/problem.tsx"
import { SkeletonBox } from "#web/app/skeleton.tsx"
import { NotebookView } from "#web/run/notebook-view.tsx"
import { reader, type Source } from "#web/run/reading/reader.ts"
import { useOutline } from "#web/run/use-notebook.ts"
import { useIsToPrint, usePrint } from "#web/run/use-print.ts"
import { Differences } from "#web/versions/differences.tsx"
import type { VersionView } from "#web/versions/timeline.ts"
import css from "#web/versions/versions.module.css"

type Props = { readonly notebook: string; readonly version: VersionView; readonly against: number | undefined }

export function VersionSheet({ notebook, version, against }: Props) {
  const isOther = against !== undefined && against !== version.number
  return isOther ? <Compared notebook={notebook} number={version.number} against={against} /> : <AsItIs notebook={notebook} number={version.number} />
}

function AsItIs({ notebook, number }: { readonly notebook: string; readonly number: number }) {
  const source: Source = { kind: "version", notebook, version: number }
  const outline = useOutline(source)
  const isWhole = useIsToPrint()
  usePrint(isWhole && outline.data !== undefined)
  if (outline.error) return <Problem error={outline.error} retry={outline.refetch} />
  if (!outline.data) return <SkeletonBox height={400} />
  if (outline.data.cells.length === 0) return <Empty title="This version has no cells">Its first cells come with a later version.</Empty>
  return <NotebookView key={number} outline={outline.data} source={source} scope={`version ${notebook} ${number}`} isWhole={isWhole} />
}

type ComparedProps = {
  readonly notebook: string
  readonly number: number
  readonly against: number
  readonly showsOutputs?: boolean | undefined
}

/** The older one stands at the left, whichever of the two was chosen first. */
export function Compared({ notebook, number, against, showsOutputs }: ComparedProps) {
  const [older, newer] = against < number ? [against, number] : [number, against]
  const before: Source = { kind: "version", notebook, version: older }
  const after: Source = { kind: "version", notebook, version: newer }
  const changes = useQuery({
    queryKey: ["compare", before, after],
    queryFn: () => reader.compare(before, after, "versions"),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
  return (
    <>
      <p className={css["sides"]}>
        <span>Version {older}</span>
        <span>Version {newer}</span>
      </p>
      {changes.error ? (
        <Problem error={changes.error} retry={changes.refetch} />
      ) : changes.data ? (
        <Differences
          changes={changes.data}
          before={before}
          after={after}
          showsOutputs={showsOutputs}
          nothing="The cells are the same; only what running writes differs, if anything."
        />
      ) : (
        <SkeletonBox height={300} />
      )}
      <Files notebook={notebook} older={older} newer={newer} />
    </>
  )
}

/** Files beside the notebook that are others in the newer version. */
function Files({ notebook, older, newer }: { readonly notebook: string; readonly older: number; readonly newer: number }) {
  const [was, is] = [useApi("getManifest", { params: { notebook, version: older } }), useApi("getManifest", { params: { notebook, version: newer } })]
  if (!was.data || !is.data || was.data.sha256 === is.data.sha256) return null
  const [before, after] = [was.data.files, is.data.files]
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((path) => before[path] !== after[path]).sort()
  if (paths.length === 0) return null
  return (
    <section className={css["filesChanged"]} aria-label="Files that changed">
      <h2>Files beside it</h2>
      <ul>
        {paths.map((path) => (
          <li key={path}>
            <bdi>{path}</bdi>{" "}
            <span className={css["quiet"]}>{before[path] === undefined ? "added" : after[path] === undefined ? "removed" : "changed"}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
