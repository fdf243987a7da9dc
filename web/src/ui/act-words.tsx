/** What the dialogs of many verbs have in common. */
import type { UpgradeRow } from '../api/shapes'
import type { Field } from './act'
import { FromTo, ServiceName } from './parts'

const part = encodeURIComponent
/** Where a verb about a service goes. */
export const at = ({ namespace, service }: { namespace: string; service: string }, verb: string): string =>
  `/api/v1/services/${part(namespace)}/${part(service)}/${verb}`

/** The words that are kept with it. */
export const why = (required: boolean, hint = 'Kept in the record, for everybody to read.'): Field => ({
  ...{ name: 'reason', label: 'Why', kind: 'text', required, hint },
})

/** Which upgrade, from what to what, and by which plan. */
export const what = (row: UpgradeRow) => (
  <p className="subject">
    <ServiceName {...row} /> <FromTo from={row.fromTag} to={row.toTag} />
    <br />
    plan <code>{row.planHash}</code>
  </p>
)
