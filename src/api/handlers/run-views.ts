/** What runs look like from outside. Pure. */
import type { z } from "zod"
import type { Artifact, Attempt, Run } from "#api/contract/runs.ts"
import { isoOrNull } from "#api/handlers/people-views.ts"
import type { Api } from "#api/serve/handler.ts"
import { toIso } from "#base/time.ts"
import type { ArtifactRow, AttemptRow, CellTime, RunRow } from "#work/index.ts"

export function runOf({ url }: Pick<Api, "url">, run: RunRow): z.output<typeof Run> {
  return {
    id: run.id,
    url: `${url.origin}/runs/${run.id}`,
    space: { id: run.space, name: run.spaceName },
    notebook: { id: run.notebook, path: run.notebookPath, title: run.notebookTitle },
    version: run.version,
    versionSha256: run.versionSha256,
    parameters: run.parameters,
    secretNames: [...run.secretNames],
    files: run.files.map(({ parameter, place, name, sha256, sizeBytes }) => ({
      parameter,
      place,
      name,
      sha256,
      sizeBytes,
      url: `${url.origin}/api/v1/runs/${run.id}/files/content?${new URLSearchParams({ parameter, ...(place === 0 ? {} : { place: String(place) }) })}`,
    })),
    labels: { ...run.labels },
    orchestrator: run.orchestrator,
    openlineage: run.openlineage,
    trigger: run.trigger,
    mocks: run.rig?.mocks.map(({ cell }) => cell) ?? [],
    orderedBy: { id: run.orderedBy, name: run.orderedByName },
    ranAs: { id: run.ranAs ?? run.orderedBy, name: run.ranAsName ?? run.orderedByName },
    priority: run.priority,
    state: run.state,
    reason: run.reason,
    explanation: run.explanation,
    cancelAsked: run.desired === "cancel",
    attempt: run.attempt,
    createdAt: toIso(run.createdAt),
    notBefore: isoOrNull(run.notBefore),
    startedAt: isoOrNull(run.startedAt),
    endedAt: isoOrNull(run.endedAt),
    environment: run.environment,
    progress: { done: run.cellsDone, total: run.cellsTotal, current: run.currentCell },
    failedCell: run.failedCell,
    error: errorOf(run.error),
    message: run.message,
    result: resultLink(run),
    keepaliveSeconds: run.keepaliveMs === null ? null : run.keepaliveMs / 1000,
    keptKernel: run.kernelIs === null || run.kernelUntil === null ? null : { is: run.kernelIs, until: toIso(run.kernelUntil) },
    seq: run.seq,
    codeHidden: run.codeHidden,
    logBytes: run.logBytes,
  }
}

export function attemptOf(row: AttemptRow): z.output<typeof Attempt> {
  return {
    number: row.number,
    state: row.state,
    reason: row.reason,
    explanation: row.explanation,
    worker: row.worker,
    host: row.host,
    startedAt: isoOrNull(row.startedAt),
    endedAt: isoOrNull(row.endedAt),
    environment: row.environment,
    cells: row.cells.map(cellOf),
    failedCell: row.failedCell,
    error: errorOf(row.error),
    result: resultLink(row),
  }
}

function cellOf(cell: CellTime) {
  return { ...cell, startedAt: isoOrNull(cell.startedAt), endedAt: isoOrNull(cell.endedAt) }
}

function errorOf(error: RunRow["error"]) {
  return error === null ? null : { ename: error.ename, evalue: error.evalue, traceback: [...error.traceback] }
}

function resultLink({ resultSha256, resultBytes }: { readonly resultSha256: string | null; readonly resultBytes: number | null }) {
  return resultSha256 === null ? null : { sha256: resultSha256, sizeBytes: resultBytes ?? 0 }
}

export function artifactOf({ url }: Pick<Api, "url">, run: string, row: ArtifactRow): z.output<typeof Artifact> {
  const { path, attempt, sha256, sizeBytes, mediaType } = row
  const query = new URLSearchParams({ path, attempt: String(attempt) })
  return { path, attempt, sha256, sizeBytes, mediaType, url: `${url.origin}/api/v1/runs/${run}/artifacts/content?${query}` }
}
