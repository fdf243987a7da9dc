/** The schema of a policy's `gitops`. */
import { z } from 'zod'
import type { Problem } from './problems'
import { treeOf, type Tree } from './tree'
import { isLoopback } from '../domain/address'
import { duration, object, text } from './values'

type Path = (string | number)[]

const repositoryAllowed =
  'must be an https URL without user and password, or the absolute path of a repository; http is for this machine, or with insecure: true'
const branchAllowed = 'must be the name of a branch, such as main'
const fileAllowed = 'must be a path in the repository, such as apps/{service}.yaml'
const tokenAllowed = 'must be a reference to an environment variable, such as "${GIT_TOKEN}"'
const authorAllowed = 'must be a name and an address, such as "Refit <refit@example.org>"'

/** Of git's own rules the part that no sensible name breaks. */
const isBranch = (name: string): boolean =>
  /^[A-Za-z0-9_][\w./+-]*$/.test(name) && !/\.\.|\/\/|\/\.|\.lock(\/|$)|[./]$/.test(name)

const isPath = (file: string): boolean =>
  !/[\p{Cc}\\:]/u.test(file) && file.split('/').every((part) => !['', '.', '..', '.git'].includes(part.toLowerCase()))

function isRepository(value: string): boolean {
  if (value.startsWith('/')) return !/\p{Cc}/u.test(value)
  if (!URL.canParse(value)) return false
  const { protocol, username, password } = new URL(value)
  return /^https?:$/.test(protocol) && username === '' && password === ''
}

export const gitops = object({
  repository: z.string({ error: repositoryAllowed }).refine(isRepository, { error: repositoryAllowed }),
  insecure: z.boolean({ error: 'must be true or false' }).optional().describe('plain http to another machine'),
  branch: z.string({ error: branchAllowed }).refine(isBranch, { error: branchAllowed }).default('main'),
  file: z
    .string({ error: fileAllowed })
    .refine(isPath, { error: fileAllowed })
    .describe('{namespace}, {service} and {workload} stand for their names'),
  path: text('must be the keys to a value, such as image.tag')
    .optional()
    .describe('to the value that holds image or tag, as in Helm values; absent: a manifest or a kustomization'),
  user: text()
    .regex(/^[^:]+$/, { error: 'must be a user without a colon' })
    .optional(),
  token: z
    .string({ error: tokenAllowed })
    .regex(/^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/, { error: tokenAllowed })
    .transform((reference) => reference.slice(2, -1))
    .optional(),
  author: text(authorAllowed)
    .regex(/^[^<>\p{Cc}]+ <[^<>\s]+@[^<>\s]+>$/u, { error: authorAllowed })
    .optional(),
  syncWithin: duration('1s').default(600_000).describe('how long the agent may take to apply a commit'),
}).transform(({ syncWithin, insecure: _, ...rest }) => ({ ...rest, syncWithinMs: syncWithin }))

/** What of a policy does not go together with `gitops`. */
export function gitopsProblems(policy: Tree, path: Path): Problem[] {
  if (!('gitops' in policy)) return []
  const { repository, insecure } = treeOf(policy.gitops)
  const plain = typeof repository === 'string' && URL.canParse(repository) ? new URL(repository) : undefined
  const isOpen = plain?.protocol === 'http:' && !isLoopback(plain.host) && insecure !== true
  const rollout = treeOf(policy.rollout)
  const paused = ['canary', 'steps'].filter((key) => key in rollout && rollout[key] !== 0)
  return [
    ...(isOpen ? [{ path: [...path, 'gitops', 'repository'], message: repositoryAllowed }] : []),
    ...paused.map((key) => ({
      path: [...path, 'rollout', key],
      message: 'needs a rollout that Refit pauses, and with gitops it patches no workload: leave one of them out',
    })),
  ]
}
