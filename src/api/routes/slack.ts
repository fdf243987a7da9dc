import { z } from 'zod'
import { RefitError } from '../../domain/errors'
import { pressSlackButton } from '../../operations/slack-action'
import { problems } from '../schemas'
import { createSeenOnce } from '../seen-once'
import { pressOf, type SlackPress } from '../slack-payload'
import { isFromSlack, slackToleranceMs } from '../slack-proof'
import type { Api, ApiDeps } from '../types'

/** A button's request with its message is some ten kilobytes. */
const bodyLimit = 262_144

const schema = {
  summary: 'somebody pressed a button of an alert in Slack',
  description: 'By Slack alone: its signature says so. What became of it is told to the person in Slack, afterwards.',
  tags: ['votes'],
  consumes: ['application/x-www-form-urlencoded'],
  body: z.unknown().describe('payload=…, as Slack sends it'),
  response: {
    200: z.string().describe('empty: taken'),
    ...problems({
      403: 'the signature is wrong, older than five minutes, or was here before',
      404: 'no alert target of refit.yaml has a signingSecret',
      413: 'the body is larger than 256 KiB',
      415: 'the content type is not that of a form',
    }),
  },
}

/**
 * Buttons of alerts in Slack. Slack wants an answer within three seconds, so it gets one at once, and the person hears
 * later. That a signature is refused when it comes again is for this process only; a press is one vote wherever it is read,
 * because the vote's id is made of it.
 */
export function slackRoutes(app: Api, deps: ApiDeps): void {
  const secrets = deps.config.alerts.flatMap((target) =>
    target.kind === 'slackBot' && target.signingSecret !== undefined ? [target.signingSecret] : [],
  )
  const isNew = createSeenOnce(2 * slackToleranceMs)
  const underway = new Set<Promise<void>>()
  app.addHook('onClose', async () => void (await Promise.all(underway)))

  // Signatures are over the bytes, so they are kept as they came.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
  app.post('/slack/actions', { schema, bodyLimit }, async (request, reply) => {
    if (secrets.length === 0) {
      reply.callNotFound()
      return reply
    }
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    const now = Date.now()
    if (!isFromSlack({ headers: request.headers, body, now }, secrets)) throw refused('is not from Slack, or too old')
    if (!isNew(String(request.headers['x-slack-signature']), now)) throw refused('was here before')
    const press = pressOf(body)
    if (press) {
      const work = answer(press).catch((error: unknown) => request.log.warn({ err: error }, 'Slack was not answered'))
      underway.add(work)
      void work.finally(() => underway.delete(work))
    }
    return reply.type('text/plain').send('')
  })

  async function answer({ pressed, responseUrl }: SlackPress): Promise<void> {
    const text = pressed
      ? await pressSlackButton(deps, pressed)
      : 'Nothing was done: this button is none that Refit made.'
    app.log.info({ user: pressed?.user, verb: pressed?.verb, upgradeId: pressed?.upgradeId, text }, 'slack button')
    if (responseUrl !== undefined) await deps.answerSlack(responseUrl, text)
  }
}

const refused = (why: string): RefitError =>
  new RefitError('WEBHOOK_REFUSED', `This request ${why}.`, 'Check signingSecret of the Slack app in refit.yaml.')
