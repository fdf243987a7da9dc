/**
 * How KWOK plays pods. An own stage for pods replaces all built-in ones, so the normal life is here too; of two stages
 * that match, KWOK takes one at random, so that they exclude each other.
 */

/** Words in an image's tag that make its pods fail, as the same mistake does on a real node. */
export const failures = ['never-ready', 'crash-loop', 'missing-image', 'run-fails'] as const

type Failure = (typeof failures)[number]

interface Match {
  key: string
  operator: 'Exists' | 'DoesNotExist' | 'In'
  values?: string[]
}

const alive: Match = { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' }
const untouched: Match = { key: '.status.podIP', operator: 'DoesNotExist' }
const tagged = (pattern: string, operator: Match['operator']): Match => ({
  key: `.spec.containers.[].image | select(test(":[^/]*(${pattern})"))`,
  operator,
})

function stage(name: string, matchExpressions: Match[], next: object): object {
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: { resourceRef: { apiGroup: 'v1', kind: 'Pod' }, selector: { matchExpressions }, next },
  }
}

const condition = (type: string, status: string, reason = '') => `
- lastTransitionTime: {{ $now | Quote }}
  status: "${status}"
  type: ${type}${reason && `\n  reason: ${reason}`}`

const conditions = (ready: boolean) => `
conditions:
${condition('PodScheduled', 'True')}
${condition('Initialized', 'True')}
${condition('Ready', ready ? 'True' : 'False', ready ? '' : 'ContainersNotReady')}
${condition('ContainersReady', ready ? 'True' : 'False', ready ? '' : 'ContainersNotReady')}
{{ range .spec.readinessGates }}
- lastTransitionTime: {{ $now | Quote }}
  status: "True"
  type: {{ .conditionType | Quote }}
{{ end }}`

/** An image reference that names a digest is the one thing that is known of the image without pulling it. */
const image = `- image: {{ .image | Quote }}
  imageID: {{ if contains "@sha256:" .image }}{{ .image | Quote }}{{ else }}""{{ end }}
  name: {{ .name | Quote }}`

const containers = (rest: string) => `
containerStatuses:
{{ range .spec.containers }}
${image}
${rest}
{{ end }}`

const initContainers = `
initContainerStatuses:
{{ range .spec.initContainers }}
${image}
  ready: true
  restartCount: 0
{{ if eq .restartPolicy "Always" }}
  started: true
  state:
    running:
      startedAt: {{ $now | Quote }}
{{ else }}
  started: false
  state:
    terminated:
      exitCode: 0
      reason: Completed
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
{{ end }}
{{ end }}`

const placed = (phase: string) => `
hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
podIP: {{ PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) | Quote }}
phase: ${phase}
startTime: {{ $now | Quote }}`

const running = (ready: boolean) => `  ready: ${ready}
  restartCount: 0
  started: true
  state:
    running:
      startedAt: {{ $now | Quote }}`

const status = (ready: boolean, phase: string, rest: string) => ({
  statusTemplate: ['{{ $now := Now }}', conditions(ready), containers(rest), initContainers, placed(phase)].join('\n'),
})

const ended = (phase: string, exitCode: number, reason: string) => `{{ $now := Now }}
containerStatuses:
{{ range .spec.containers }}
${image}
  ready: false
  restartCount: 0
  started: false
  state:
    terminated:
      exitCode: ${exitCode}
      reason: ${reason}
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
{{ end }}
phase: ${phase}`

const failed: Record<Failure, object> = {
  'run-fails': { statusTemplate: ended('Failed', 3, 'Error') },
  'never-ready': {
    event: {
      type: 'Warning',
      reason: 'Unhealthy',
      message: 'Readiness probe failed: HTTP probe failed with statuscode: 503',
    },
    ...status(false, 'Running', running(false)),
  },
  'crash-loop': {
    event: { type: 'Warning', reason: 'BackOff', message: 'Back-off restarting failed container' },
    ...status(
      false,
      'Running',
      `  ready: false
  restartCount: 3
  started: false
  state:
    waiting:
      reason: CrashLoopBackOff
      message: back-off 40s restarting failed container
  lastState:
    terminated:
      exitCode: 1
      reason: Error
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}`,
    ),
  },
  'missing-image': {
    event: { type: 'Warning', reason: 'Failed', message: 'Failed to pull image: not found' },
    ...status(
      false,
      'Pending',
      `  ready: false
  restartCount: 0
  started: false
  state:
    waiting:
      reason: ImagePullBackOff
      message: 'Back-off pulling image: not found'`,
    ),
  },
}

/** All stages, for KWOK's configuration. */
export function podStages(): object[] {
  const healthy = tagged(failures.join('|'), 'DoesNotExist')
  const runs: Match = { key: '.status.phase', operator: 'In', values: ['Running'] }
  const ofJob: Match = { key: '.metadata.ownerReferences.[].kind', operator: 'In', values: ['Job'] }
  return [
    stage('pod-ready', [alive, untouched, healthy], status(true, 'Running', running(true))),
    stage('pod-complete', [alive, runs, ofJob, healthy], { statusTemplate: ended('Succeeded', 0, 'Completed') }),
    stage('pod-delete', [{ key: '.metadata.deletionTimestamp', operator: 'Exists' }], {
      finalizers: { empty: true },
      delete: true,
    }),
    ...failures.map((failure) =>
      stage(`pod-${failure}`, [alive, untouched, tagged(failure, 'Exists')], failed[failure]),
    ),
  ]
}
