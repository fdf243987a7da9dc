/** What Slack sends when somebody presses a button. Read leniently: only who pressed what is wanted. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { parseSlackValue } from '../domain/slack-actions'
import type { Pressed } from '../operations/slack-action'

const id = z.string().min(1).max(100)

const pressedButton = z.object({
  type: z.literal('block_actions'),
  user: z.object({ id }),
  team: z.object({ id }).nullish(),
  response_url: z.string().max(2_000).optional(),
  actions: z.array(z.object({ value: z.unknown(), action_ts: z.string().regex(/^\d{1,12}(\.\d{1,9})?$/) })).min(1),
})

export interface SlackPress {
  responseUrl: string | undefined
  /** undefined: the button is none of Refit's, or its value was tampered with */
  pressed: Pressed | undefined
}

/** The first button of a form that Slack sent; undefined for whatever else Slack has to say. */
export function pressOf(form: Buffer): SlackPress | undefined {
  const parsed = pressedButton.safeParse(jsonOf(new URLSearchParams(form.toString('utf8')).get('payload') ?? ''))
  if (!parsed.success) return undefined
  const { user, team, response_url: responseUrl, actions } = parsed.data
  const [first] = actions
  const action = parseSlackValue(first?.value)
  if (!first || !action) return { responseUrl, pressed: undefined }
  return {
    responseUrl,
    pressed: {
      ...action,
      user: user.id,
      at: new Date(Math.floor(Number(first.action_ts) * 1_000)),
      id: createHash('sha256')
        .update(JSON.stringify([team?.id, user.id, first.action_ts, action]))
        .digest('hex'),
    },
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
