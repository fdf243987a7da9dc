import { allTags } from '../../clients/all-tags'
import type { Config } from '../../config'
import { RefitError } from '../../domain/errors'
import { parseImage } from '../../domain/image'
import { pullSecretsOf, type Service } from '../../domain/service'
import { type Check, type DoctorParts, failed, ok } from './check'
import { checkRights } from './rights'

const namespacesOf = ({ policies }: Config): string[] => [
  ...new Set(policies.flatMap(({ select }) => select.namespaces)),
]

/** Reachable, and allowed what the policies need. */
export async function checkKubernetes(parts: Pick<DoctorParts, 'config' | 'kubernetes'>): Promise<Check[]> {
  const config = await parts.config().catch(() => undefined)
  const kubernetes = await parts.kubernetes()
  const { version } = await kubernetes.version()
  const reachable = ok('kubernetes', `reachable, ${version}`)
  if (!config)
    return [
      reachable,
      {
        name: 'permissions',
        state: 'warn',
        message: 'not checked, because the configuration is wrong',
        next: 'Correct it first.',
      },
    ]
  return [reachable, ...(await checkRights(kubernetes, config.policies, wordsFor(config)))]
}

function wordsFor({ policies }: Config): string {
  const acting = policies.filter(({ mode }) => mode !== 'watch')
  if (acting.length === 0) return 'mode watch'
  return acting.every(({ gitops }) => gitops !== undefined) ? 'upgrades by commits' : 'upgrades by these policies'
}

/** Reads one repository of each registry that is configured or that a watched service runs from. */
export async function checkRegistries(
  parts: Pick<DoctorParts, 'config' | 'kubernetes' | 'registry'>,
): Promise<Check[]> {
  const config = await parts.config().catch(() => undefined)
  if (!config)
    return [
      {
        name: 'registries',
        state: 'warn',
        message: 'not checked, because the configuration is wrong',
        next: 'Correct it first.',
      },
    ]
  const services = await serviceByHost(parts, config)
  if (!services)
    return [
      {
        name: 'registries',
        state: 'warn',
        message: 'not checked, because the cluster can not be read',
        next: 'Correct that first.',
      },
    ]
  const hosts = new Set([...config.registries.map(({ host }) => host), ...services.keys()])
  if (hosts.size === 0)
    return [
      {
        name: 'registries',
        state: 'warn',
        message: 'no service runs in the namespaces of the policies',
        next: 'Check policies[].select.namespaces.',
      },
    ]
  const registry = await parts.registry()
  return Promise.all(
    [...hosts].sort().map(async (host): Promise<Check> => {
      const name = `registry ${host}`
      const service = services.get(host)
      if (!service)
        return {
          name,
          state: 'warn',
          message: 'not checked: no service runs an image of it',
          next: 'Nothing to do, or a name that is written wrong.',
        }
      try {
        const { tags } = await allTags(registry, service.repository, { pullSecrets: pullSecretsOf(service) })
        return ok(name, `reachable, ${service.repository} has ${tags.length} tags`)
      } catch (error) {
        return failed(name, error)
      }
    }),
  )
}

async function serviceByHost(
  { kubernetes }: Pick<DoctorParts, 'kubernetes'>,
  config: Config,
): Promise<Map<string, Service> | undefined> {
  try {
    const services = await (await kubernetes()).observeServices(namespacesOf(config))
    return new Map(
      services.flatMap((service) => {
        const image = parseImage(service.repository)
        return image ? [[image.registry, service] as const] : []
      }),
    )
  } catch (error) {
    if (error instanceof RefitError) return undefined
    throw error
  }
}
