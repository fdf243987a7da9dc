import { type Alert, codeBlock, type Hub, hubName, plain } from './alert'
import { type ShortDecision, unjudgedKinds } from './decision'
import type { Policy } from './policy'

const maxListed = 10
const idOf = ({ namespace, service }: ShortDecision): string => `${namespace}/${service}`
const topicOf = (decision: ShortDecision): string => `signature/${idOf(decision)}`

/** One page per service that has tags with signatures that can't be trusted: somebody made them. */
export function signatureAlerts(
  { hub, scanId }: { hub: Hub; scanId: string },
  decisions: readonly ShortDecision[],
): Alert[] {
  return decisions.flatMap((decision): Alert[] => {
    const { badSignatures = [], repository } = decision
    if (badSignatures.length === 0) return []
    const title = `${idOf(decision)}: a signature that can't be trusted`
    const lines = badSignatures.slice(0, maxListed).map(({ digest, reason }) => `• ${plain(reason)} (${digest})`)
    return [
      {
        key: topicOf(decision),
        level: 'page',
        hub: hub.name,
        title,
        text: [
          `${hubName(hub)}: ${title}`,
          codeBlock([`refit explain ${idOf(decision)}`]),
          ...lines,
          `Nothing of it is offered. Ask who may push to ${plain(repository)} whether they did; if its publisher has a new key, write it under signatures in refit.yaml.`,
        ].join('\n'),
        facts: { scan: scanId, service: idOf(decision) },
        news: {
          [topicOf(decision)]: badSignatures
            .map(({ digest }) => digest)
            .sort()
            .join(' '),
        },
      },
    ]
  })
}

/** Services that must be signed and whose signatures are in order: what comes after that is news again. */
export function signatureTopics(
  policies: readonly Pick<Policy, 'name' | 'signatures'>[],
  decisions: readonly ShortDecision[],
): Record<string, string> {
  const asking = new Set(policies.filter(({ signatures }) => signatures?.length).map(({ name }) => name))
  const inOrder = decisions.filter(
    ({ kind, policy = '', badSignatures }) => asking.has(policy) && !unjudgedKinds.has(kind) && !badSignatures?.length,
  )
  return Object.fromEntries(inOrder.map((decision) => [topicOf(decision), 'ok']))
}
