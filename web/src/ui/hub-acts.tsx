/** What operators do to the hub, and to a service beside votes. */
import type { ServiceStatus, UpgradeRow } from '../api/shapes'
import type { Act } from './act'
import { at, what, why } from './act-words'
import { ServiceName } from './parts'

export const liftFreeze = (namespace: string | null): Act => ({
  ...{ label: 'Lift', title: namespace === null ? 'Lift the freeze of the hub' : `Lift the freeze of ${namespace}` },
  ...{ confirm: 'Lift it', tone: 'main', scope: 'operator', path: '/api/v1/freezes/lift' },
  explain: <p>Upgrades that are approved start again in their windows.</p>,
  fields: [why(true)],
  body: (values) => ({ ...values, namespace }),
  done: 'The freeze is lifted.',
})

export const freeze: Act = {
  ...{ label: 'Freeze', title: 'Freeze upgrades', confirm: 'Freeze', tone: 'danger', scope: 'operator' },
  path: '/api/v1/freezes',
  explain: (
    <p>
      No upgrade starts until somebody lifts it. What is under way stops at its next safe point. People can still
      answer.
    </p>
  ),
  fields: [{ name: 'namespace', label: 'Namespace', kind: 'line', hint: 'Empty means the whole hub.' }, why(true)],
  body: ({ namespace, ...values }) => ({ ...values, namespace: namespace ?? null }),
  done: 'Frozen.',
}

export const scanNow: Act = {
  ...{ label: 'Scan now', title: 'Scan the hub now', confirm: 'Scan', scope: 'operator', path: '/api/v1/scans' },
  explain: <p>Refit looks at the cluster and the registries at once, and decides on every service anew.</p>,
  done: 'A scan was asked for. What it finds shows here by itself.',
}

export const liftQuarantine = (row: { namespace: string; service: string; digest: string; tag: string }): Act => ({
  ...{ label: 'Lift', title: 'Offer this digest again', confirm: 'Lift the quarantine', scope: 'operator' },
  path: '/api/v1/quarantine/lift',
  explain: (
    <>
      <p className="subject">
        <ServiceName {...row} /> <span className="tag">{row.tag}</span>
      </p>
      <p>It failed here once. The next scan may offer it again.</p>
    </>
  ),
  fields: [why(false)],
  body: (values) => ({ ...values, namespace: row.namespace, service: row.service, digest: row.digest }),
  done: 'The quarantine is lifted.',
})

export const goOn = (row: UpgradeRow): Act => ({
  ...{ label: 'Go on', title: 'Let this upgrade go on', confirm: 'Let it go on', scope: 'operator' },
  path: at(row, 'go-on'),
  explain: (
    <>
      {what(row)}
      <p>It goes on where it stopped, with the same plan, and everything is checked again first.</p>
    </>
  ),
  fields: [why(false)],
  done: 'It goes on.',
})

export const putBack = (row: UpgradeRow): Act => ({
  ...{ label: 'Put back', title: 'Put back what was done', confirm: 'Put it back', tone: 'danger', scope: 'operator' },
  path: at(row, 'put-back'),
  explain: (
    <>
      {what(row)}
      <p>Every image is set back to what ran before, in reverse order.</p>
    </>
  ),
  fields: [why(true)],
  done: 'It is being put back.',
})

export const resolve = (row: UpgradeRow): Act => ({
  ...{ label: 'Resolve', title: 'Record a repair made by hand', confirm: 'Resolve it', scope: 'operator' },
  path: at(row, 'resolve'),
  explain: (
    <>
      {what(row)}
      <p>
        Refit looks whether the cluster runs all old or all new images, and says so if it doesn’t. Afterwards scans
        decide on the service again.
      </p>
    </>
  ),
  fields: [why(true, 'What was done by hand.')],
})

export const acceptList = (row: ServiceStatus): Act => ({
  ...{ label: 'Accept the list', title: 'Trust this tag list once', confirm: 'Accept it', scope: 'operator' },
  path: at(row, 'accept'),
  explain: (
    <>
      <p className="subject">
        <ServiceName {...row} />
      </p>
      <p>{row.decision?.reason}</p>
      <p>Accept it only if tags were removed from the registry on purpose.</p>
    </>
  ),
  fields: [why(true)],
  body: (values) => ({ ...values, ...(row.doubtedList ? { list: row.doubtedList.hash } : {}) }),
  done: 'The list is trusted. The next scan decides by it.',
})
