import type { Config } from '../config'
import { plain } from '../domain/alert'
import { sentenceOf } from '../domain/errors'
import { personOfSlack } from '../domain/people'
import type { SlackAction } from '../domain/slack-actions'
import type { Store } from '../store/contracts'
import { castVote, type VoteDeps } from './vote'
import type { VoteTemporal } from './send-vote'

/** A button that somebody pressed, by a request that Slack signed. */
export interface Pressed extends SlackAction {
  /** Slack user id */
  user: string
  /** when it was pressed, by Slack's clock */
  at: Date
  /** what names this press: the same for each delivery of it */
  id: string
}

export interface SlackDeps {
  config: Pick<Config, 'people'>
  store: VoteDeps['store'] & { upgrades: Pick<Store['upgrades'], 'read'> }
  hubTemporal: () => Promise<VoteTemporal>
}

/** How long the button keeps a question quiet. */
const snoozeMs = 4 * 3_600_000

/**
 * Does what a button says for the person that refit.yaml knows by this Slack user, and answers them in
 * Slack's mrkdwn; never throws.
 */
export async function pressSlackButton(deps: SlackDeps, pressed: Pressed): Promise<string> {
  const { verb, upgradeId, planHash, user, at, id } = pressed
  const person = personOfSlack(deps.config.people, user)
  if (!person)
    return `Nothing was done: Refit does not know you. Whoever runs it can add \`slack: ${user}\` to you in \`people\` of refit.yaml.`
  try {
    const upgrade = await deps.store.upgrades.read(upgradeId)
    if (!upgrade) return 'Nothing was done: this Refit knows no such upgrade.'
    if (upgrade.outcome !== null) return `Nothing was done: that upgrade has ended (${upgrade.outcome}).`
    const { namespace, service } = upgrade
    const result = await castVote({ store: deps.store, temporal: await deps.hubTemporal() }, verb, {
      ...{ key: { namespace, service }, by: person.name, verified: { groups: person.groups, via: 'slack' } },
      ...{
        planHash,
        upgradeId,
        requestId: `slack ${id}`,
        reason: verb === 'reject' ? 'by a button in Slack' : undefined,
      },
      // Counted from the press, so that the same press is the same vote whenever it is read.
      ...(verb === 'snooze' ? { until: new Date(at.getTime() + snoozeMs) } : {}),
    })
    return plain(`${namespace}/${service} ${result.from} → ${result.to}: ${result.message}`)
  } catch (error) {
    return plain(sentenceOf(error))
  }
}
