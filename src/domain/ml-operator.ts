/** The texts of Mojaloop's ml-operator, word for word, for operators whose channels and habits know them. */
import type { ShortDecision as Decision } from './decision'
import { parseImage } from './image'
import type { Service, ServiceContainer, Workload } from './service'

export interface Outdated {
  decision: Decision
  service: Service | undefined
  /** why nobody should patch it by hand; stands in the command's place */
  insteadOfCommand: string | undefined
}

export const upToDateText = '*ml-operator* - all monitored services are up to date'

/** With what could not be read appended as ml-operator does; `failures` may be 0. */
export function outdatedText(outdated: readonly Outdated[], failures: number): string {
  return [
    '*ml-operator* - The following services are not on the latest secure version and should be updated:',
    ...outdated.map(
      ({ decision }) =>
        `  - \`${pathOf(decision.repository)}\`: latest version is \`${decision.candidate?.tag ?? ''}\``,
    ),
    'Use the following commands to patch your deployments with `kubectl`:',
    '```',
    ...outdated.flatMap(commandsOf),
    '```',
    ...(failures > 0 ? [warningText(failures)] : []),
  ].join('\n')
}

/** Says nothing about being up to date: what can't be read is not known. */
export const warningText = (failures: number): string =>
  `**warning:** encountered ${failures} processing errors. Please check your logs for more information.`

function commandsOf({ decision, service, insteadOfCommand }: Outdated): string[] {
  const name = `${decision.namespace}/${decision.service}`
  if (insteadOfCommand !== undefined) return [`# ${name}: ${insteadOfCommand}`.replace(/\s+/g, ' ')]
  return (service?.workloads ?? []).map((workload) => patchCommand(decision, workload))
}

/** kubectl's default patch is a strategic merge, so containers are merged by name and nothing else of them is touched. */
function patchCommand({ namespace, candidate }: Decision, { kind, name, containers }: Workload): string {
  const lists = [
    ['containers', containers.filter(({ init }) => !init)],
    ['initContainers', containers.filter(({ init }) => init)],
  ] as const
  const patched = lists
    .filter(([, list]) => list.length > 0)
    .map(
      ([key, list]) =>
        `"${key}": ${JSON.stringify(list.map((container) => ({ name: container.name, image: imageOf(container, candidate?.tag ?? '') })))}`,
    )
  return `kubectl patch ${kind.toLowerCase()} ${name} --namespace ${namespace} --patch '{"spec": {"template": {"spec": {${patched.join(', ')}}}}}'`
}

const imageOf = ({ image }: ServiceContainer, tag: string): string => `${parseImage(image)?.repository ?? image}:${tag}`

/** ml-operator names `org/image`, without the registry. */
const pathOf = (repository: string): string => parseImage(repository)?.path ?? repository
