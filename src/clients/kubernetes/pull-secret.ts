import { RefitError } from '../../domain/errors'
import { paths, type Api } from './api'
import type { Secret } from './wire'

/** The Docker configuration in this Secret, read by its name; undefined when it isn't there or is of another type. */
export async function dockerConfigSecret(api: Api, namespace: string, name: string): Promise<string | undefined> {
  try {
    const doing = `read secret ${namespace}/${name}`
    const secret = await api.json<Secret>({ method: 'GET', path: paths.secret(namespace, name), doing })
    const encoded = secret.data?.['.dockerconfigjson']
    return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8')
  } catch (error) {
    if (error instanceof RefitError && error.code === 'KUBERNETES_NOT_FOUND') return undefined
    throw error
  }
}
