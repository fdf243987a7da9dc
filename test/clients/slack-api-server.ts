import { answer, startHttpServer, type TestServer } from '../support/http-server'

interface Posted {
  method: string
  token: string
  body: {
    text?: string
    ts?: string
    thread_ts?: string
    channel?: string
    blocks?: { type: string; elements?: Button[] }[]
    reply_broadcast?: boolean
  }
}
interface Button {
  action_id: string
  value: string
}

/** Slack's Web API as far as a bot that posts and updates messages sees it: ok, ts, and ok:false with Slack's words. */
export interface SlackServer extends Pick<TestServer, 'url' | 'answerWith' | 'close'> {
  calls: Posted[]
  /** what the channel shows: messages by ts, as last updated; replies are left out */
  shown(): Posted['body'][]
  /** somebody deletes a message */
  remove(ts: string): void
}

export async function startSlackServer(): Promise<SlackServer> {
  const server = await startHttpServer()
  const calls: Posted[] = []
  const channel = new Map<string, Posted['body']>()
  let clock = 1_700_000_000
  const answerCall: Parameters<TestServer['answerWith']>[0] = (response, request) => {
    const method = request.path.replace('/api/', '')
    const body = JSON.parse(request.body) as Posted['body']
    calls.push({ method, token: request.headers.authorization ?? '', body })
    const say = (said: object) =>
      answer(200, JSON.stringify(said), { 'content-type': 'application/json' })(response, request)
    if (method === 'chat.update') {
      if (!channel.has(body.ts ?? '')) return say({ ok: false, error: 'message_not_found' })
      channel.set(body.ts ?? '', body)
      return say({ ok: true, channel: body.channel, ts: body.ts })
    }
    const ts = `${(clock += 1)}.000100`
    if (body.thread_ts === undefined) channel.set(ts, body)
    return say({ ok: true, channel: body.channel, ts })
  }
  server.answerByDefault(answerCall)
  return {
    url: `${server.url}/api`,
    answerWith: server.answerWith,
    close: server.close,
    calls,
    shown: () => [...channel.values()],
    remove: (ts) => void channel.delete(ts),
  }
}

/** The buttons of a message, as `action_id value`. */
export const buttonsOf = (body: Posted['body'] | undefined): string[] =>
  (body?.blocks ?? []).flatMap(({ elements = [] }) => elements.map(({ action_id, value }) => `${action_id} ${value}`))
