import type { ImageContract } from './image-contract'
import type { Plan } from './plan'
import type { Problem } from './preflight'
import type { Found } from './preflight-room'
import type { ContainerSetting, Setting } from './surroundings'
import { clean } from './text'

/** What both images say of themselves; undefined where it could not be read. */
export interface ImagePair {
  from?: ImageContract | undefined
  to?: ImageContract | undefined
}

interface Compared {
  from: ImageContract
  to: ImageContract
  container: ContainerSetting
  /** `ledger-api, container ledger` */
  who: string
  tags: { from: string; to: string }
}

const together =
  'Change the workload and the image in one go, by hand, as nothing of the workload but the image is patched here.'

/**
 * Refit changes the image and nothing else of a template: whatever the template says of the old image's insides must be
 * true of the new one's.
 */
export function imageContractFound(plan: Plan, setting: Setting, { from, to }: ImagePair): Found {
  const found: Found = { problems: [], warnings: [] }
  if (!from || !to) return found
  const planned = plan.workloads.find(({ kind, name }) => kind === setting.kind && name === setting.name)
  for (const container of setting.containers) {
    if (!planned?.containers.some(({ name, init }) => name === container.name && init === container.init)) continue
    const who = `${setting.name}, container ${container.name}`
    const compared = { from, to, container, who, tags: { from: plan.from.tag, to: plan.to.tag } }
    found.problems.push(...[programProblem, userProblem, portProblem].flatMap((rule) => rule(compared) ?? []))
    found.problems.push(...folderProblems(compared))
    found.warnings.push(...userWarnings(compared))
  }
  if (plan.policy.rollout.imageContract !== 'warn') return found
  return { problems: [], warnings: [...found.problems.map(({ reason }) => reason), ...found.warnings] }
}

/** What is started. A command in the template takes the place of ENTRYPOINT and CMD both. */
function programProblem({ from, to, container, who, tags }: Compared): Problem | undefined {
  if (container.command.length > 0) return undefined
  if (container.args.length === 0)
    return hasProgram(to) || !hasProgram(from)
      ? undefined
      : { reason: `${who}: ${tags.to} has no ENTRYPOINT and no CMD, and the workload no command`, next: together }
  if (isSameProgram(from.entrypoint, to.entrypoint)) return undefined
  return {
    reason: `${who} gives its args to the ENTRYPOINT, which is ${shown(to.entrypoint)} in ${tags.to} and ${shown(from.entrypoint)} in ${tags.from}`,
    next: `Write the command in the workload, or: ${together}`,
  }
}

const hasProgram = ({ entrypoint, cmd }: ImageContract): boolean => entrypoint.length + cmd.length > 0

/** `["node"]` and `["tini", "--", "/usr/bin/node"]` start the same. */
function isSameProgram(from: readonly string[], to: readonly string[]): boolean {
  const base = (word: string): string => word.slice(word.lastIndexOf('/') + 1)
  return from.length === 0 ? to.length === 0 : from.map(base).join(' ') === to.slice(-from.length).map(base).join(' ')
}

const shown = (words: readonly string[]): string => (words.length === 0 ? 'none' : clean(words.join(' '), 80))

/** Paths into the old image's WORKDIR: what they name has moved. */
function folderProblems({ from, to, container, who, tags }: Compared): Problem[] {
  const [old, now] = [from.workingDir, to.workingDir].map(folder) as [string, string]
  if (old === now) return []
  const moved = (path: string): boolean => old !== '/' && isIn(path, old) && !isIn(path, now)
  const change = `the WORKDIR is ${clean(now, 80)} in ${tags.to} and ${clean(old, 80)} in ${tags.from}`
  const problems: Problem[] = []
  const { command, args, mounts, workingDir } = container
  if (workingDir !== undefined && moved(folder(workingDir)))
    problems.push({ reason: `${who} starts in ${workingDir}, and ${change}`, next: together })
  if ([...command, ...args].some((word) => moved(word) || word.includes(`=${old}/`)))
    problems.push({
      reason: `${who} has a command or args with a path in ${clean(old, 80)}, and ${change}`,
      next: together,
    })
  for (const { path } of mounts.map((each) => ({ path: folder(each.path) }))) {
    if (moved(path)) problems.push({ reason: `${who} mounts ${path}, and ${change}`, next: together })
    else if (now !== '/' && isIn(now, path) && !isIn(old, path))
      problems.push({
        reason: `${who} mounts ${path}, which would hide files of ${tags.to}: ${change}`,
        next: together,
      })
  }
  return problems
}

const folder = (path: string): string => path.replace(/\/+$/, '') || '/'

const isIn = (path: string, within: string): boolean =>
  path === within || path.startsWith(within === '/' ? '/' : `${within}/`)

/** The kubelet refuses to start a root or named user where the template asks for anybody but root. */
function userProblem({ from, to, container, who, tags }: Compared): Problem | undefined {
  if (container.user !== undefined || !container.nonRoot || isSurelyNotRoot(to.user)) return undefined
  if (from.user === to.user) return undefined
  return {
    reason: `${who} must not run as root (runAsNonRoot), and the USER of ${tags.to} is ${userWords(to.user)}, not a number above 0`,
    next: 'Write runAsUser in the workload, or give the image a numeric USER.',
  }
}

const isSurelyNotRoot = (user: string): boolean => /^\d+(:|$)/.test(user) && !/^0+(:|$)/.test(user)

const userWords = (user: string): string => (user === '' ? 'root' : clean(user, 40))

function userWarnings({ from, to, container, who, tags }: Compared): string[] {
  const name = (user: string): string => user.split(':')[0] || 'root'
  if (container.user !== undefined || name(from.user) === name(to.user)) return []
  if (isRoot(from.user) && isRoot(to.user)) return []
  const kept = container.mounts.filter(({ keeps }) => keeps).map(({ path }) => path)
  const files = kept.length === 0 ? '' : `; what lies in ${kept.join(' and ')} belongs to the old one`
  const low = container.ports.filter((port) => port < 1_024)
  const ports = low.length > 0 && isRoot(from.user) ? `; not every node lets it listen on ${low.join(' and ')}` : ''
  return [
    `${who} runs as ${userWords(to.user)} in ${tags.to} and as ${userWords(from.user)} in ${tags.from}${files}${ports}`,
  ]
}

const isRoot = (user: string): boolean => /^(root|0+)?(:|$)/.test(user)

/** EXPOSE binds nothing; but an image that named the port before and names others now has moved. */
function portProblem({ from, to, container, who, tags }: Compared): Problem | undefined {
  const lost = container.ports.filter((port) => from.ports.includes(port) && !to.ports.includes(port))
  if (lost.length === 0 || to.ports.length === 0) return undefined
  return {
    reason: `${who} is asked on port ${lost.join(' and ')}, which ${tags.from} exposes; ${tags.to} exposes ${to.ports.join(', ')}`,
    next: together,
  }
}
