import { wouldSetBack } from './gitops'
import type { Plan } from './plan'
import type { Problem } from './preflight'
import type { Owner, Workload } from './service'
import type { Setting } from './surroundings'

/** Who else writes this workload's template, and would set back what Refit patches. */
export function ownerProblems(plan: Plan, { name, owner }: Workload, setting: Setting | undefined): Problem[] {
  const problems: Problem[] = []
  if (owner && wouldSetBack(owner, plan.policy))
    problems.push({
      reason: `${name} is owned by ${owner.tool} ${owner.name}, which would set it back`,
      next:
        owner.tool === 'helm'
          ? `Change the image in the release (${helmCommand(plan, owner, setting)}), or write gitops or helmDrift: accept in policy ${plan.policy.name}.`
          : 'Change the image there, or write gitops in the policy.',
    })
  if (setting?.madeBy !== undefined)
    problems.push({
      reason: `${name} is made by ${setting.madeBy}, whose controller would set it back`,
      next: 'Change the image there.',
    })
  return problems
}

/** What is accepted, or no obstacle, and still worth knowing before an approval. */
export function ownerWarnings(plan: Plan, { name, owner }: Workload, setting: Setting | undefined): string[] {
  const warnings: string[] = []
  if (owner?.tool === 'helm' && !plan.policy.gitops && plan.policy.helmDrift === 'accept')
    warnings.push(
      `Helm's next upgrade of release ${owner.name} sets ${name} back to its own image, unless it has this one, too: ${helmCommand(plan, owner, setting)}`,
    )
  if (setting?.appliedBy !== undefined && !plan.policy.gitops)
    warnings.push(`${name} got its image from ${setting.appliedBy}, whose next run may set it back`)
  return warnings
}

/** Chart and path of the tag stand in the release's Secret, which Refit has no right to read. */
function helmCommand({ service, to }: Plan, { name }: Owner, setting: Setting | undefined): string {
  const { namespace = service.namespace, chart } = setting?.helm ?? {}
  const hint = chart === undefined ? '' : ` # chart ${chart}, by its label`
  return `helm upgrade ${name} CHART --namespace ${namespace} --reuse-values --set PATH.TO.TAG=${to.tag}${hint}`
}
