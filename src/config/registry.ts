/** `registries[]`: how each registry is read, and with whose credentials. */
import { z } from 'zod'
import { isLoopback } from '../domain/address'
import { count, registryHost, text } from './values'

export const authKinds = ['dockerConfig', 'env', 'secretRef', 'ecr', 'google', 'azure'] as const

const authAllowed =
  'must be dockerConfig, imagePullSecrets, { dockerConfig: path }, { env: { username, password } }, ' +
  '{ secretRef: namespace/name }, { ecr: { region } }, { google: {} } or { azure: {} }'

const label = '[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?'

const auth = z.union(
  [
    z.literal('dockerConfig').transform(() => ({ kind: 'dockerConfig' as const, path: undefined })),
    z.literal('imagePullSecrets').transform(() => ({ kind: 'imagePullSecrets' as const })),
    z
      .strictObject({ dockerConfig: text().describe('path of a Docker config.json, relative to this file') })
      .transform(({ dockerConfig }) => ({ kind: 'dockerConfig' as const, path: dockerConfig })),
    z
      .strictObject({ env: z.strictObject({ username: text(), password: text() }) })
      .transform(({ env }) => ({ kind: 'env' as const, ...env })),
    z.strictObject({ secretRef: z.string().regex(new RegExp(`^${label}/${label}$`)) }).transform(({ secretRef }) => {
      const [namespace = '', name = ''] = secretRef.split('/')
      return { kind: 'secretRef' as const, namespace, name }
    }),
    z
      .strictObject({ ecr: z.strictObject({ region: text().optional().describe('of the host unless given') }) })
      .transform(({ ecr }) => ({ kind: 'ecr' as const, ...ecr })),
    z.strictObject({ google: z.strictObject({}) }).transform(() => ({ kind: 'google' as const })),
    z.strictObject({ azure: z.strictObject({}) }).transform(() => ({ kind: 'azure' as const })),
  ],
  { error: authAllowed },
)

const objectAllowed = (issue: { code?: string }) => (issue.code === 'invalid_type' ? 'must be an object' : undefined)

export const registry = z
  .strictObject(
    {
      host: registryHost,
      insecure: z
        .boolean({ error: 'must be true or false' })
        .optional()
        .describe('plain http; on its own only for this machine'),
      requestsPerSecond: count(0, 10_000)
        .optional()
        .describe('of all workers together; 0 is unlimited; 10 unless given, unlimited for this machine'),
      auth: auth.optional().describe('anonymous unless given'),
    },
    { error: objectAllowed },
  )
  .transform(({ insecure, requestsPerSecond, ...rest }) => ({
    ...rest,
    insecure: insecure ?? isLoopback(rest.host),
    requestsPerSecond: requestsPerSecond ?? defaultRequestsPerSecond(rest.host),
  }))

/** What a host gets that says nothing else. */
export const defaultRequestsPerSecond = (host: string): number => (isLoopback(host) ? 0 : 10)
