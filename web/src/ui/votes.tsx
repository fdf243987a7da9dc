/** What people say to an upgrade, each with what is said before it is done. */
import type { ApprovalShown, UpgradeRow } from '../api/shapes'
import type { Act, Field } from './act'
import { at, what, why } from './act-words'

/** The ticket of the change, where the policy asks for one. */
const change = (approval: ApprovalShown | null): Field[] =>
  approval?.changeReference
    ? [
        {
          ...{ name: 'changeReference', label: 'Change reference', kind: 'line', hint: 'The ticket of the change.' },
          required: approval.changeReference.required,
        },
      ]
    : []

const overriding = ({ now, overrideFreeze, ...said }: Readonly<Record<string, string>>): Record<string, unknown> => ({
  ...said,
  ...(now ? { now: true } : {}),
  ...(overrideFreeze ? { now: true, overrideFreeze: true } : {}),
})

export const request = (row: UpgradeRow, approval: ApprovalShown | null): Act => ({
  ...{ label: 'Request', title: 'Request this upgrade', confirm: 'Request it', tone: 'main', scope: 'approver' },
  path: at(row, 'request'),
  explain: (
    <>
      {what(row)}
      <p>Somebody else must approve it afterwards.</p>
    </>
  ),
  fields: [...change(approval), why(false)],
  body: (values) => ({ ...values, planHash: row.planHash }),
})

/** `groups`: of who approves; members of the emergency group may start at once. */
export const approve = (row: UpgradeRow, approval: ApprovalShown | null, groups: readonly string[]): Act => {
  const emergency = approval?.emergency ?? null
  const mayHurry = emergency !== null && groups.includes(emergency)
  return {
    ...{ label: 'Approve', title: 'Approve this upgrade', tone: 'main', scope: 'approver' },
    confirm: `Approve ${row.toTag}`,
    path: at(row, 'approve'),
    explain: (
      <>
        {what(row)}
        <p>
          Your yes is for exactly this plan. It is checked again before the first write; if anything in it has changed,
          it is void and you are asked anew. When a step fails clearly, the images are put back; where nobody can tell,
          it is held.
        </p>
      </>
    ),
    fields: [
      ...change(approval),
      why(false, 'Kept with your approval.'),
      ...(mayHurry
        ? ([
            {
              name: 'now',
              label: 'Start at once, outside of windows',
              kind: 'check',
              hint: `As a member of ${emergency}; needs a reason.`,
            },
            { name: 'overrideFreeze', label: 'Start in a freeze, too', kind: 'check' },
          ] as const)
        : []),
    ],
    body: (values) => ({ ...overriding(values), planHash: row.planHash }),
  }
}

export const reject = (row: UpgradeRow): Act => ({
  ...{
    label: 'Reject',
    title: 'Reject this upgrade',
    confirm: `Reject ${row.toTag}`,
    tone: 'danger',
    scope: 'approver',
  },
  path: at(row, 'reject'),
  explain: (
    <>
      {what(row)}
      <p>The upgrade ends. This digest is not offered again; a newer one is.</p>
    </>
  ),
  fields: [why(true)],
  body: (values) => ({ ...values, planHash: row.planHash }),
})

export const withdraw = (row: UpgradeRow): Act => ({
  ...{ label: 'Withdraw', title: 'Take your answer back', confirm: 'Withdraw it', scope: 'approver' },
  path: at(row, 'withdraw'),
  explain: (
    <>
      {what(row)}
      <p>Your own approval or request counts no more. It can be given again.</p>
    </>
  ),
  fields: [why(false)],
  body: (values) => ({ ...values, planHash: row.planHash }),
})

export const snooze = (row: UpgradeRow): Act => ({
  ...{ label: 'Snooze', title: 'Keep the question quiet for a while', confirm: 'Snooze', scope: 'approver' },
  path: at(row, 'snooze'),
  explain: (
    <>
      {what(row)}
      <p>No reminder is sent until then. It can still be answered at any time.</p>
    </>
  ),
  fields: [
    { name: 'until', label: 'Until', kind: 'instant', required: true, hint: 'By the clock of this machine.' },
    why(false),
  ],
  body: ({ until = '', ...values }) => ({ ...values, planHash: row.planHash, until: new Date(until).toISOString() }),
})

export const pause = (row: UpgradeRow): Act => ({
  ...{ label: 'Pause', title: 'Pause this upgrade', confirm: 'Pause it', scope: 'operator' },
  path: at(row, 'pause'),
  explain: (
    <>
      {what(row)}
      <p>It stops at the next safe point and stays there until somebody resumes it.</p>
    </>
  ),
  fields: [why(true)],
})

export const resume = (row: UpgradeRow): Act => ({
  ...{ label: 'Resume', title: 'Let this upgrade go on', confirm: 'Resume it', tone: 'main', scope: 'operator' },
  path: at(row, 'resume'),
  explain: (
    <>
      {what(row)}
      <p>It goes on where it stopped.</p>
    </>
  ),
  fields: [why(false)],
})

export const abort = (row: UpgradeRow): Act => ({
  ...{ label: 'Abort', title: 'Abort this upgrade', confirm: 'Abort and put back', tone: 'danger', scope: 'operator' },
  path: at(row, 'abort'),
  explain: (
    <>
      {what(row)}
      <p>It stops, and what was done is put back. This digest is not offered again.</p>
    </>
  ),
  fields: [why(true)],
})
