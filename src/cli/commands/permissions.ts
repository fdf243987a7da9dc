import type { Permissions } from '../../operations/permissions'
import { permissionsFor } from '../../operations/permissions'
import type { Command, Context } from '../context'
import { load } from '../lazy'
import { safe } from '../render'

interface Options {
  namespace: string
  serviceAccount: string
  serverLooks?: boolean
  pullSecret?: string[]
  clusterWide?: boolean
}

/** What refit.yaml makes Refit need of the platform: for people, as data, or (yaml) as manifests of RBAC. */
export const run: Command<Options> = async (context, _args, options) => {
  const { parts, env, output, io } = context
  const { serviceAccount: worker, serverLooks = false, pullSecret = [], clusterWide = false } = options
  const { searchAttributes, temporalSettings } = load.temporal()
  const { connectionOptions, namespace } = temporalSettings(env)
  const found = permissionsFor(await parts.config(), {
    ...{ namespace: options.namespace, worker, server: `${worker}-server`, serverLooks },
    ...{ pullSecrets: pullSecret, cluster: clusterWide, env, searchAttributes },
    temporal: { address: connectionOptions.address, namespace },
  })
  if (output === 'yaml') io.out(manifests(found))
  else context.print(found, () => lines(context, found))
}

/** One document for each object, as kubectl apply reads them. */
const manifests = ({ kubernetes }: Permissions): string =>
  [
    ...kubernetes.open.map((open) => `# not in here: ${open}\n`),
    ...kubernetes.manifests.map((each) => `---\n${load.yaml().stringify(each, { lineWidth: 0 })}`),
  ].join('')

function lines({ paint }: Context, { kubernetes, databases, registries, egress, temporal }: Permissions): string[] {
  const head = (text: string): string => paint('strong', text)
  const { namespace, worker, server, grants, optional, open } = kubernetes
  const accounts = { worker, server }
  const looks = grants.some(({ account }) => account === 'server')
  return [
    head('Kubernetes'),
    ...grants.flatMap(({ account, namespace: where, rules }) => [
      `  ${namespace}/${accounts[account]} in ${where}`,
      ...rules.map(
        ({ apiGroups: [group = ''], resources, resourceNames, verbs }) =>
          `    ${verbs.join(', ')}  ${resources.join(', ')}${group ? ` (${group})` : ''}${resourceNames ? ` named ${resourceNames.join(', ')}` : ''}`,
      ),
    ]),
    ...(looks ? [] : [`  ${namespace}/${server}: nothing, and no token`]),
    ...optional.map(
      ({ verbs, resources, use, without }) =>
        `  optional, cluster-wide: ${verbs.join(', ')} ${resources.join(', ')}: ${use}; without: ${without}`,
    ),
    ...open.map((each) => `  ${paint('warn', `not known: ${safe(each)}`)}`),
    '',
    head('Databases'),
    ...databases.flatMap(({ database, variable, needs, sql }) => [
      `  ${safe(variable)}, ${database}`,
      ...needs.map((need) => `    ${need}`),
      ...sql.map((each) => `    ${paint('dim', safe(each))}`),
    ]),
    '',
    head('Registries'),
    ...(registries.length === 0 ? ['  those that images name, anonymously: pull'] : []),
    ...registries.map(({ host, as, rights }) => `  ${safe(host)} as ${as}: ${rights}`),
    '',
    head('Ways out'),
    ...egress.map(({ from, to, use }) => `  ${from.join(' and ')} → ${safe(to)}  ${safe(use)}`),
    '',
    head('Temporal'),
    `  ${safe(temporal.address)}, namespace ${safe(temporal.namespace)}, task queue ${temporal.taskQueue}`,
    ...temporal.worker.map((each) => `  worker: ${safe(each)}`),
    ...temporal.server.map((each) => `  server: ${safe(each)}`),
    '  once, by an admin; else the worker needs the right to do it:',
    ...temporal.once.map((each) => `    ${paint('dim', safe(each))}`),
    '',
    paint('dim', 'next: refit permissions -o yaml | kubectl apply -f -'),
  ]
}
