import type { Kubernetes } from '../../clients/contracts'
import { needsByNamespace, rightsIn, rightWords, rulesFor } from '../../domain/permissions'
import type { Policy } from '../../domain/policy'
import { type Check, ok } from './check'

const grant = 'Grant it: refit permissions -o yaml prints the roles for these policies, for kubectl apply -f -.'

/** Every right that the policies need and these credentials lack; without some Refit goes on, and says less. */
export async function checkRights(
  kubernetes: Pick<Kubernetes, 'denied'>,
  policies: readonly Policy[],
  words: string,
): Promise<Check[]> {
  const [needed, helpful] = [[] as string[], [] as string[]]
  const namespaces = [...needsByNamespace(policies)].map(async ([namespace, needs]) => {
    const rules = rulesFor(needs)
    const denied = await kubernetes.denied(namespace, rightsIn(rules))
    for (const right of denied) {
      const rule = rules.find(
        ({ group, resources, verbs }) =>
          group === right.group && resources.includes(right.resource) && verbs.includes(right.verb),
      )
      const said = `${rightWords(right)} in ${namespace}`
      if (rule?.without === undefined) needed.push(said)
      else helpful.push(said)
    }
  })
  await Promise.all(namespaces)
  if (needed.length > 0) return [{ ...denial([...needed, ...helpful]), state: 'fail' }]
  return helpful.length > 0 ? [{ ...denial(helpful), state: 'warn' }] : [ok('permissions', `all that ${words} needs`)]
}

const denial = (rights: string[]) => ({
  name: 'permissions',
  message: `not allowed: ${rights.sort().join(', ')}`,
  next: grant,
})
