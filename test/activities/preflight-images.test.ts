import { preflight } from '../../src/activities/preflight'
import { RefitError } from '../../src/domain/errors'
import type { Plan } from '../../src/domain/plan'
import { planOf, policy } from '../domain/fixtures'
import { key, run, world } from './support'

test('images that were read for the approved plan and can not be read now refuse it, and it is said why', async () => {
  const rules = policy({ migrations: [{ kind: 'job', command: ['migrate'], deadlineMs: 1_000 }] })
  const made = planOf({ policy: rules })
  const images = { basis: 'running image' as const }
  const fake = world({ plan: { ...made, migrations: [{ ...made.migrations[0], images }] } as Plan })
  const away = () => Promise.reject(new RefitError('REGISTRY_UNAVAILABLE', 'the registry is away.', 'Wait.'))
  Object.assign(fake.deps.config, { policies: [rules] })
  Object.assign(fake.deps.registry, { imageFiles: away })
  Object.assign(fake.deps.store, { imageMigrations: { read: () => Promise.resolve(undefined) } })
  await expect(run(preflight(fake.deps), key)).resolves.toEqual({
    kind: 'refused',
    reason:
      "the migrations of its images can't be compared with the plan any more: the registry is away. Run refit scan once that can be read.",
  })
})
