import type { Container, LimitRange, PodTemplate, ResourceQuota } from './wire'

type Amounts = Record<string, number>
type PodSpec = NonNullable<PodTemplate['spec']>

const units: Readonly<Record<string, number>> = {
  ...{ n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
}

/** `500m` as 0.5, `1Gi` in bytes; 0 for what is no quantity. The library has this, but doesn't give it away. */
export function amountOf(quantity: string): number {
  const [, number, unit = ''] = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(quantity) ?? []
  return Number(number ?? 0) * (units[unit] ?? 0)
}

/**
 * What one pod of this template takes of a quota, by the quota's names, with the defaults of the namespace's LimitRanges.
 * cpu and memory are absent where a container doesn't say them.
 */
export function demandOf(spec: PodSpec, ranges: readonly LimitRange[]): Amounts {
  const said = (each: Container): Amounts => resourcesOf(each, ranges)
  const inits = spec.initContainers ?? []
  const sidecars = inits.filter(({ restartPolicy }) => restartPolicy === 'Always').map(said)
  const first = inits.filter(({ restartPolicy }) => restartPolicy !== 'Always').map(said)
  const always = [...spec.containers.map(said), ...sidecars]
  const keys = new Set([...always, ...first].flatMap((each) => Object.keys(each)))
  const demand: Amounts = { pods: 1 }
  for (const key of keys) {
    if (isCompute(key) && ![...always, ...first].every((each) => each[key] !== undefined)) continue
    const beside = sum(sidecars, key)
    const overhead = key.startsWith('requests.') ? amountOf(spec.overhead?.[key.slice('requests.'.length)] ?? '0') : 0
    demand[key] = Math.max(sum(always, key), ...first.map((each) => (each[key] ?? 0) + beside)) + overhead
  }
  return demand
}

const isCompute = (key: string): boolean => /\.(cpu|memory)$/.test(key)

const sum = (all: readonly Amounts[], key: string): number => all.reduce((total, each) => total + (each[key] ?? 0), 0)

/** As admission fills them in: a limit is the request where no request stands. */
function resourcesOf({ resources }: Container, ranges: readonly LimitRange[]): Amounts {
  const defaults = ranges.flatMap(({ spec }) => spec?.limits ?? []).filter(({ type }) => type === 'Container')
  const limits = Object.assign({}, ...defaults.map((each) => each.default ?? {}), resources?.limits) as Said
  const requests = Object.assign(
    {},
    ...defaults.map((each) => each.defaultRequest ?? each.default ?? {}),
    resources?.limits,
    resources?.requests,
  ) as Said
  return { ...named('requests', requests), ...named('limits', limits) }
}

type Said = Record<string, string>

const named = (of: string, said: Said): Amounts =>
  Object.fromEntries(Object.entries(said).map(([key, quantity]) => [`${of}.${key}`, amountOf(quantity)]))

/** What a quota leaves, by the long names: `cpu` is `requests.cpu`. What concerns no pod is left out. */
export function leftOf({ status, spec }: ResourceQuota): Amounts {
  const left: Amounts = {}
  for (const [key, hard] of Object.entries(status?.hard ?? spec?.hard ?? {})) {
    const name = nameOf(key)
    if (name === undefined) continue
    const now = amountOf(hard) - amountOf(status?.used?.[key] ?? '0')
    left[name] = Math.min(now, left[name] ?? Infinity)
  }
  return left
}

function nameOf(key: string): string | undefined {
  if (key === 'pods' || key === 'count/pods') return 'pods'
  if (['cpu', 'memory', 'ephemeral-storage'].includes(key)) return `requests.${key}`
  return /^(requests|limits)\.(?!storage$)/.test(key) ? key : undefined
}

/** Whether a quota counts pods of this template. */
export function countsPods({ spec }: ResourceQuota, pod: PodSpec): boolean {
  const isBestEffort = [...pod.containers, ...(pod.initContainers ?? [])].every(
    ({ resources }) => Object.keys({ ...resources?.requests, ...resources?.limits }).length === 0,
  )
  const inScope = (scope: string, operator = 'Exists', values: readonly string[] = []): boolean => {
    if (scope === 'Terminating') return pod.activeDeadlineSeconds !== undefined
    if (scope === 'NotTerminating') return pod.activeDeadlineSeconds === undefined
    if (scope === 'BestEffort') return isBestEffort
    if (scope === 'NotBestEffort') return !isBestEffort
    if (scope !== 'PriorityClass') return false
    const { priorityClassName: name } = pod
    if (operator === 'DoesNotExist') return name === undefined
    if (operator === 'NotIn') return name === undefined || !values.includes(name)
    return name !== undefined && (operator === 'Exists' || values.includes(name))
  }
  const { scopes = [], scopeSelector } = spec ?? {}
  return (
    scopes.every((scope) => inScope(scope)) &&
    (scopeSelector?.matchExpressions ?? []).every(({ scopeName, operator, values }) =>
      inScope(scopeName, operator, values),
    )
  )
}
