import type { Knex } from 'knex'
import type { SlackMessage, Store } from './contracts'
import { clean } from './text'

/** Where the messages are that a Slack bot keeps up to date. */
export function slackMessagesIn(db: Knex): Store['slackMessages'] {
  const of = (target: string, thread: string) => db('slack_message').where({ target, thread: clean(thread) })
  const read = async (target: string, thread: string): Promise<SlackMessage | undefined> =>
    of(target, thread).first<SlackMessage | undefined>('channel', 'ts')
  return {
    read,

    async save(target, thread, { channel, ts }) {
      await db('slack_message')
        .insert({ target, thread: clean(thread), channel, ts })
        .onConflict(['target', 'thread'])
        .ignore()
      return (await read(target, thread)) ?? { channel, ts }
    },

    async forget(target, thread) {
      await of(target, thread).delete()
    },
  }
}
