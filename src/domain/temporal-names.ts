/** Names in Temporal that people and programs outside the workflows use, and commands of Temporal's own CLI with them. */
export const taskQueue = 'refit'
export const scanScheduleId = 'refit/scan'
/** Its runs get a time suffix. */
export const digestScheduleId = 'refit/digest'
/** How people call a Schedule: `scan` or `digest`. */
export const scheduleName = (id: string): string => id.replace(/^refit\//, '')
/** A signal without a meaning of its own: whoever waits looks again. */
export const wakeSignalName = 'wake'
export const hintsWorkflowId = 'refit/hints'
/** Its argument are repositories. */
export const hintSignalName = 'hint'
/** The scan that hints lead to; one at a time. */
export const hintedScanId = 'refit/scan/hinted'
export const upgradeWorkflowId = (namespace: string, service: string): string => `refit/upgrade/${namespace}/${service}`
export const dataWorkflowId = (namespace: string, service: string): string => `refit/data/${namespace}/${service}`
/** Under this name a workflow's memo says which release started it. */
export const releaseMemo = 'release'
export const releaseWorkflowId = (release: string): string => `refit/release/${release}`

/** The page of a workflow in Temporal's Web UI at this base URL. */
export const workflowPage = (webUi: string, temporalNamespace: string, workflowId: string): string =>
  `${webUi.replace(/\/+$/, '')}/namespaces/${encodeURIComponent(temporalNamespace)}/workflows/${encodeURIComponent(workflowId)}`

interface Signal {
  temporalNamespace: string
  workflowId: string
  name: string
  input: object
}

/** The command, for a POSIX shell, that leaves a message for a workflow, also while no worker is up. */
export const signalCommand = ({ temporalNamespace, workflowId, name, input }: Signal): string =>
  `temporal workflow signal${namespaceFlag(temporalNamespace)} -w ${workflowId} --name ${name} --input ${quoted(JSON.stringify(input))}`

/** ` --namespace NAME`: the CLI asks namespace `default` unless it is told another one. */
export const namespaceFlag = (name: string): string => (name === 'default' ? '' : ` --namespace ${quoted(name)}`)

/** For a POSIX shell. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
