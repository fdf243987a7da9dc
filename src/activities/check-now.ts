import { policyFor } from '../config'
import { RefitError } from '../domain/errors'
import { rightsOfPlan, rightWords } from '../domain/permissions'
import type { Plan } from '../domain/plan'
import { checkPreflight, type Around, type Preflight } from '../domain/preflight'
import { pullSecretsOf, type Service } from '../domain/service'
import type { Dependencies } from './dependencies'
import { gitopsProblems } from './gitops-problems'

type Means = Pick<Dependencies, 'config' | 'kubernetes' | 'registry' | 'environment'> & {
  signal?: AbortSignal
  /** these credentials will carry it out: they must be allowed all of it */
  acts?: boolean
}

/**
 * Whether the cluster would take this plan now: the same list of problems wherever a plan is made, shown or carried out.
 * Throws KUBERNETES_* when the cluster can't be read,
 * GIT_UNAVAILABLE when the repository of its `gitops` can't.
 */
export async function checkNow(
  means: Means,
  asked: { plan: Plan; service: Service | undefined; candidateDigestNow: string | undefined },
): Promise<Preflight> {
  const { plan, service } = asked
  const checked = checkPreflight(service ? { ...asked, around: await lookAround(means, plan, service) } : asked)
  const inGit = await gitopsProblems(means, plan)
  if (checked.kind === 'refused') return { ...checked, problems: [...checked.problems, ...inGit] }
  return inGit.length > 0 ? { kind: 'refused', problems: inGit } : checked
}

async function lookAround(
  { config, kubernetes, registry, signal, acts = false }: Means,
  plan: Plan,
  service: Service,
): Promise<Around> {
  const unlooked: string[] = []
  const options = { pullSecrets: pullSecretsOf(service), ...(signal ? { signal } : {}) }
  const contractOf = async ({ tag, digest }: { tag: string; digest: string | null }) => {
    const unread = (why: string): void =>
      void unlooked.push(`${tag} was not compared with what the workloads say of the image: ${why}`)
    if (digest === null) return unread('nobody can tell which digest of it runs')
    try {
      const contract = await registry.imageContract(service.repository, digest, options)
      return contract ?? unread('the registry no longer has it')
    } catch (error) {
      if (!(error instanceof RefitError)) throw error
      return unread(error.message.replace(/\.$/, ''))
    }
  }
  const lacked = async (): Promise<string[]> => {
    try {
      return (await kubernetes.denied(service.namespace, rightsOfPlan(plan), signal)).map(rightWords)
    } catch (error) {
      if (!(error instanceof RefitError) || error.code !== 'KUBERNETES_FORBIDDEN') throw error
      unlooked.push('nobody could tell whether the worker may do all of it')
      return []
    }
  }
  const [surroundings, nodes, from, to, lacks] = await Promise.all([
    kubernetes.surroundings(service.namespace, plan.workloads, signal),
    kubernetes.nodePlatforms(signal),
    contractOf(plan.from),
    contractOf(plan.to),
    acts ? lacked() : [],
  ])
  const policy = policyFor(config, service.namespace, service.repository)
  const platforms = policy?.platforms === 'ignore' ? [] : service.nodes.flatMap((node) => nodes?.[node] ?? [])
  return {
    ...surroundings,
    platforms: [...new Set(platforms)].sort(),
    oneNode: nodes !== undefined && Object.keys(nodes).length === 1,
    images: { from: from ?? undefined, to: to ?? undefined },
    unlooked,
    lacks,
  }
}
