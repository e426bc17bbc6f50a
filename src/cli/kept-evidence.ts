/** Evidence and notebook of one promotion as files beside one another: what `stet evidence --export` writes and `stet verify` reads. Pure. */
const REF = /^([a-z0-9][a-z0-9._/-]*)@([1-9]\d{0,8})$/u

export type PromotedRef = { readonly template: string; readonly version: number }

/** `finance/weekly-revenue@647`: a template and a version that was promoted for it. */
export function promotedRef(text: string): PromotedRef | undefined {
  const [, template, version] = REF.exec(text) ?? []
  return template === undefined ? undefined : { template, version: Number(version) }
}

/** In that folder. A "+" is in no name, so that two templates are never one file. */
export function keptFiles(folder: string, { template, version }: PromotedRef): { readonly evidence: string; readonly notebook: string } {
  const stem = `${folder.replace(/\/$/u, "")}/${template.replaceAll("/", "+")}@${version}`
  return { evidence: `${stem}.evidence.json`, notebook: `${stem}.ipynb` }
}
