/** What the buttons under a Slack message carry, and what comes back when somebody presses one. */
export const slackVerbs = ['approve', 'reject', 'snooze'] as const
export type SlackVerb = (typeof slackVerbs)[number]

/** What an answer is about: one upgrade, by the plan that was shown. */
export interface Asked {
  upgradeId: string
  planHash: string
}

export interface SlackAction extends Asked {
  verb: SlackVerb
}

const form = /^(approve|reject|snooze) ([A-Za-z0-9][\w.-]{0,99}) ([0-9a-f]{12,64})$/

/** A button's `action_id`: how Slack's requests name the button. */
export const slackActionId = (verb: SlackVerb): string => `refit.${verb}`

/** A button's `value`: `approve UPGRADE-ID PLAN-HASH`, well under Slack's 2,000 characters. */
export const slackValue = ({ verb, upgradeId, planHash }: SlackAction): string => `${verb} ${upgradeId} ${planHash}`

/** Reads a button's `value` back; undefined for whatever else arrives, of any type and length. */
export function parseSlackValue(value: unknown): SlackAction | undefined {
  if (typeof value !== 'string' || value.length > 200) return undefined
  const [, verb, upgradeId = '', planHash = ''] = form.exec(value) ?? []
  return verb === undefined ? undefined : { verb: verb as SlackVerb, upgradeId, planHash }
}
