import type { ApiDeps } from '../../src/api/types'
import { fakeKubernetes, fakeRegistry } from '../operations/support'

/** What few routes need of a server: a made-up cluster, no changes, nobody in Slack. */
export const apiParts = (): Pick<
  ApiDeps,
  'temporalNamespace' | 'environment' | 'settings' | 'cluster' | 'changes' | 'answerSlack'
> => ({
  ...{ temporalNamespace: 'green', environment: {}, settings: {} },
  cluster: () => Promise.resolve({ kubernetes: fakeKubernetes(), registry: fakeRegistry() }),
  changes: () => ({ close: () => Promise.resolve() }),
  answerSlack: () => Promise.resolve(),
})
