import type { Alert } from '../domain/alerts'
import { type Asked, slackActionId, slackValue, type SlackVerb } from '../domain/slack-actions'
import type { AlertRoute, Delivery, Notifier, SlackMessages } from './contracts'
import { refused } from './post'
import { createSlackApi, SlackError } from './slack-api'
import { bounded, sections, slackText } from './slack-text'

interface SlackBotTarget extends AlertRoute {
  token: string
  /** channel id */
  channel: string
  /** without it nothing could believe a pressed button, so none is shown */
  signingSecret?: string | undefined
  messages: SlackMessages
  /** of Slack's Web API */
  baseUrl?: string | undefined
}

/** The message was deleted, or Slack doesn't let it be changed any more. */
const gone = new Set(['message_not_found', 'cant_update_message', 'edit_window_closed', 'thread_not_found'])

/**
 * Slack by a bot: one message per thread, which always shows the newest news, and under it what happened, as replies.
 * Levels that the target doesn't want change the message and make no reply. Slack has no idempotency for messages: a
 * crash between posting and noting where it is shows a message twice.
 */
export function slackBotNotifier({
  token,
  channel,
  signingSecret,
  messages,
  baseUrl,
  ...route
}: SlackBotTarget): Notifier {
  const { name } = route
  const api = createSlackApi({ name, token, baseUrl })
  const content = (alert: Alert, { overtaken }: Delivery) => ({
    text: bounded(alert.title, 1_000),
    blocks: [
      ...sections(slackText(alert)),
      ...(alert.actions && signingSecret && !overtaken ? [buttons(alert.actions, alert.title)] : []),
    ],
    unfurl_links: false,
  })

  async function postMessage(alert: Alert, delivery: Delivery, reply: object = {}) {
    const body = { channel, ...content(alert, delivery), ...reply }
    const { channel: postedIn, ts } = await api.call('chat.postMessage', body, delivery.signal)
    if (typeof ts !== 'string')
      throw refused(`${name}: Slack didn't say where the message is.`, 'It is tried again.', { retryable: true })
    return { channel: typeof postedIn === 'string' ? postedIn : channel, ts }
  }

  /** Shows the newest news in the message of the thread; false when it is gone. */
  async function update(shown: { channel: string; ts: string }, alert: Alert, delivery: Delivery): Promise<boolean> {
    try {
      await api.call('chat.update', { ...shown, ...content(alert, delivery) }, delivery.signal)
      return true
    } catch (error) {
      if (error instanceof SlackError && gone.has(error.slackCode)) return false
      throw error
    }
  }

  return {
    ...route,
    async send(alert, delivery) {
      const { thread } = alert
      if (thread === undefined) return void (await postMessage(alert, delivery))
      const isWanted = route.levels.includes(alert.level)
      const shown = await messages.read(name, thread)
      const isNewest = !delivery.overtaken && !alert.aside
      if (shown && (!isNewest || (await update(shown, alert, delivery)))) {
        if (isWanted)
          await postMessage(
            { ...alert, actions: undefined },
            delivery,
            // A changed message is silent, and so is a reply: what asks for somebody goes to the channel as well.
            { thread_ts: shown.ts, channel: shown.channel, reply_broadcast: alert.level !== 'info' },
          )
        return
      }
      if (shown) await messages.forget(name, thread)
      if (isWanted) await messages.save(name, thread, await postMessage(alert, delivery))
    },
  }
}

/** Approve, Reject and Snooze. https://docs.slack.dev/reference/block-kit/block-elements/button-element */
function buttons(asked: Asked, title: string): object {
  const button = (verb: SlackVerb, label: string, more: object = {}) => ({
    type: 'button',
    text: { type: 'plain_text', text: label },
    action_id: slackActionId(verb),
    value: slackValue({ verb, ...asked }),
    ...more,
  })
  const confirm = (label: string) => ({
    confirm: {
      title: { type: 'plain_text', text: `${label}?` },
      text: { type: 'plain_text', text: bounded(title, 300) },
      confirm: { type: 'plain_text', text: label },
      deny: { type: 'plain_text', text: 'Cancel' },
    },
  })
  return {
    type: 'actions',
    block_id: 'refit',
    elements: [
      button('approve', 'Approve', { style: 'primary', ...confirm('Approve') }),
      button('reject', 'Reject', { style: 'danger', ...confirm('Reject') }),
      button('snooze', 'Snooze'),
    ],
  }
}
