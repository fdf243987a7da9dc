/** The shapes of `/api/v1/services`. What a status tells may grow, so these are open where they come out. */
import { z } from 'zod'
import { decisionKinds } from '../domain/decision'
import { personVias, scopes } from '../domain/people'
import { instant, open } from './common-schemas'
import { upgrade } from './upgrade-schemas'

export const meAnswer = z
  .object({
    name: z.string(),
    groups: z.array(z.string()).describe('of refit.yaml, and of the OIDC provider'),
    scope: z.enum(scopes),
    via: z.enum(personVias).describe('how Refit knows who it is'),
  })
  .meta({ id: 'Person' })

const serviceStatus = open({
  namespace: z.string(),
  service: z.string(),
  decision: open({ kind: z.enum(decisionKinds), current: z.string(), reason: z.string(), at: instant })
    .nullable()
    .describe("the last scan's"),
  stale: z.boolean().describe('the decision is too old to be believed'),
  upgrade: upgrade.nullable().describe('open, or held'),
  window: z
    .object({
      state: z.enum(['open', 'closed', 'never', 'frozen']),
      nextOpen: z.iso.datetime().nullable().describe('null: open now, frozen, or never'),
      nextOpenLocal: z.string().nullable().describe('in the zone of the window'),
      why: z.string(),
    })
    .optional()
    .describe('by the windows and freezes of its policy, and the freeze switches'),
  needsPerson: z.string().nullable().describe('why a person is needed'),
}).meta({ id: 'ServiceStatus' })

const hub = z.object({ name: z.string(), environment: z.string() })
const scan = open({ startedAt: instant, endedAt: instant, complete: z.boolean(), stale: z.boolean() }).nullable()
const next = open({ why: z.string() }).describe('what a person should do now')
const release = open({ product: z.string(), release: z.string() })
  .nullable()
  .describe('where the hub stands among its releases')

export const servicesAnswer = open({
  hub,
  scan,
  services: z.array(serviceStatus),
  release,
  allUpToDate: z.boolean(),
  next,
}).meta({ id: 'HubStatus' })

export const serviceAnswer = open({
  ...{ hub, scan, release, next },
  service: serviceStatus,
  latest: upgrade.nullable().describe('the newest upgrade, also one that has ended'),
  events: z.array(
    open({ at: instant, kind: z.string(), by: z.string().nullable(), verified: z.boolean(), message: z.string() }),
  ),
  quarantined: z.array(open({ tag: z.string(), digest: z.string(), reason: z.string(), since: instant })),
  plan: z
    .object({ hash: z.string(), lines: z.array(z.string()) })
    .nullable()
    .describe('of the upgrade that is under way, as people read it before they answer'),
}).meta({ id: 'ServiceDetail' })
