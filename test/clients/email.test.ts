import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { emailNotifier } from '../../src/clients/email'
import { alertAt, delivery, failure } from './alert-targets'

interface Mail {
  text: string
  user: string
  secure: boolean
  to: string[]
}

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const pem = readFileSync(join(__dirname, '../fixtures/tls/localhost.pem'), 'utf8')

async function startMailServer(options: SMTPServerOptions = {}) {
  const mails: Mail[] = []
  const server = new SMTPServer({
    authOptional: true,
    key: pem,
    cert: pem,
    ...options,
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        mails.push({
          text: Buffer.concat(chunks).toString('utf8'),
          user: String(session.user ?? ''),
          secure: session.secure,
          to: session.envelope.rcptTo.map(({ address }) => address),
        })
        done()
      })
    },
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => new Promise((resolve) => server.close(() => resolve())))
  return { mails, host: `localhost:${(server.server.address() as AddressInfo).port}` }
}

const target = (smtp: string, ca?: string, deadlineMs?: number) =>
  emailNotifier({
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    name: 'email#1',
    levels: ['action', 'page'],
    smtp,
    from: 'Refit <refit@example.org>',
    to: ['ops@example.org', 'lead@example.org'],
    ...(ca === undefined ? {} : { ca }),
    environment: 'production',
    allowPrivate: true,
  })
const refusal = (code: number, text: string): Error => Object.assign(new Error(text), { responseCode: code })
const login: SMTPServerOptions = {
  onAuth: ({ username, password }, _session, done) =>
    password === 'p@ss S3CRET' ? done(null, { user: username }) : done(refusal(535, 'Authentication failed: S3CRET')),
}
const secret = 'me%40example.org:p%40ss%20S3CRET@'

it('is plain text, with hub and level in the subject and the idempotency key as its Message-ID', async () => {
  const { mails, host } = await startMailServer({ disabledCommands: ['STARTTLS', 'AUTH'] })
  const notifier = target(`smtp://${host}`)
  await notifier.send(
    alertAt({ thread: 't', url: 'https://t.example/page', title: 'x\r\nBcc: evil@example.org' }),
    delivery,
  )
  await notifier.send(alertAt({ thread: 't' }), delivery)
  await notifier.send(alertAt({ thread: 't' }), { ...delivery, id: 'other' })
  const [first, again, other] = mails.map(({ text }) => text)
  expect(first).toMatch(/^Subject: \[green-hub production\] action: x Bcc: evil@example.org\r$/m)
  expect(first).toMatch(/^Content-Type: text\/plain/m)
  expect(first).toMatch(/^Date: Tue, 24 Nov 2026 10:00:00 \+0000\r$/m)
  expect(first).toContain('refit approve hub/ledger')
  expect(first).toContain('https://t.example/page')
  expect(first).not.toMatch(/^Bcc:|```|&lt;/m)
  const id = (text = '') => /^Message-ID: <([0-9a-f]{32}@green-hub\.refit\.invalid)>/im.exec(text)?.[1]
  const thread = (text = '') => /^References: (<.*>)/im.exec(text)?.[1]
  expect(id(first)).toBeDefined()
  expect(id(again)).toBe(id(first))
  expect(id(other)).not.toBe(id(first))
  expect(thread(first)).toBe(thread(other))
  expect(mails[0]?.to).toEqual(['ops@example.org', 'lead@example.org'])
})

describe('TLS and login', () => {
  it.each([
    ['smtp', {}],
    ['smtps', { secure: true }],
  ])('%s:// trusts no certificate that it does not know, and sends no password over it', async (scheme, options) => {
    let asked = 0
    const { mails, host } = await startMailServer({
      ...options,
      onAuth: (_auth, _session, done) => ((asked += 1), done(null, {})),
    })
    const error = await failure(target(`${scheme}://${secret}${host}`).send(alertAt(), delivery))
    expect(error).toMatchObject({ code: 'ALERT_REFUSED', retryable: true })
    expect(error.message).toBe("email#1 can't be spoken to (self-signed certificate).")
    expect([mails.length, asked]).toEqual([0, 0])
  })

  it('smtp:// without STARTTLS gets no password', async () => {
    let asked = 0
    const { mails, host } = await startMailServer({
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => ((asked += 1), done(null, {})),
    })
    const error = await failure(target(`smtp://${secret}${host}`).send(alertAt(), delivery))
    expect(error).toMatchObject({ code: 'ALERT_REFUSED' })
    expect(`${error.message} ${error.next}`).toMatch(/TLS/)
    expect([mails.length, asked]).toEqual([0, 0])
  })

  describe('with a certificate that it knows', () => {
    it.each([
      ['smtp', {}],
      ['smtps', { secure: true }],
    ])('%s:// sends by TLS and logs in', async (scheme, options) => {
      const { mails, host } = await startMailServer({ ...options, ...login, authOptional: false })
      await target(`${scheme}://${secret}${host}`, pem).send(alertAt(), delivery)
      expect(mails).toMatchObject([{ secure: true, user: 'me@example.org' }])
    })

    it('a refused login is said without the password', async () => {
      const { host } = await startMailServer(login)
      const error = await failure(target(`smtp://me:wrongS3CRET@${host}`, pem).send(alertAt(), delivery))
      expect(error).toMatchObject({
        code: 'ALERT_REFUSED',
        retryable: false,
        message: 'email#1 refused the login (535).',
      })
    })
  })
})

describe('a server that says no', () => {
  const plain: SMTPServerOptions = { disabledCommands: ['STARTTLS', 'AUTH'] }
  it.each<[string, number, string, boolean]>([
    ['greylisting', 450, '4.2.0 Greylisted, try again in 300 seconds', true],
    ['a full mailbox', 452, '4.2.2 Mailbox full', true],
    ['an unknown recipient', 550, '5.1.1 No such user', false],
    ['a relay that is not for us', 554, '5.7.1 Relay access denied', false],
  ])('%s (%i)', async (_, code, text, retryable) => {
    const { host } = await startMailServer({
      ...plain,
      onRcptTo: (_address, _session, done) => done(refusal(code, text)),
    })
    const error = await failure(target(`smtp://${host}`).send(alertAt(), delivery))
    expect(error).toMatchObject({ code: 'ALERT_REFUSED', retryable })
    expect(error.message).toContain(text)
  })

  const onRcptTo =
    (code: number): SMTPServerOptions['onRcptTo'] =>
    ({ address }, _session, done) =>
      address.startsWith('lead') ? done(refusal(code, 'not now')) : done()

  it('one recipient that is unknown keeps it from nobody else, and is noted', async () => {
    const { mails, host } = await startMailServer({ ...plain, onRcptTo: onRcptTo(550) })
    expect(await target(`smtp://${host}`).send(alertAt(), delivery)).toBe('Refused for lead@example.org (550).')
    expect(mails).toHaveLength(1)
  })

  it('one recipient that is greylisted gets it later', async () => {
    const { host } = await startMailServer({ ...plain, onRcptTo: onRcptTo(450) })
    expect(await failure(target(`smtp://${host}`).send(alertAt(), delivery))).toMatchObject({ retryable: true })
  })

  it('a sender that is refused', async () => {
    const { host } = await startMailServer({
      ...plain,
      onMailFrom: (_a, _s, done) => done(refusal(553, 'who are you')),
    })
    expect(await failure(target(`smtp://${host}`).send(alertAt(), delivery))).toMatchObject({ retryable: false })
  })

  const startPlainServer = async (greet: (socket: Socket) => void): Promise<string> => {
    const server = createServer(greet)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(() => new Promise((resolve) => server.close(() => resolve())))
    return `127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  it('one that drips its greeting for ever is left at the deadline', async () => {
    const host = await startPlainServer((socket) => {
      socket.on('error', () => undefined)
      const drip = setInterval(() => socket.write('220-wait\r\n'), 20)
      socket.on('close', () => clearInterval(drip))
    })
    expect(await failure(target(`smtp://${host}`, undefined, 200).send(alertAt(), delivery))).toMatchObject({
      ...{ code: 'ALERT_REFUSED', retryable: true },
      message: expect.stringMatching(/^email#1 can't be/),
    })
  })

  it('one that hangs is left after ten seconds, and at once when the process stops', async () => {
    const sockets: Socket[] = []
    const host = await startPlainServer((socket) => void sockets.push(socket.on('error', () => undefined)))
    const stop = new AbortController()
    const stopped = failure(target(`smtp://${host}`).send(alertAt(), { ...delivery, signal: stop.signal }))
    const late = failure(target(`smtp://${host}`).send(alertAt(), delivery))
    setTimeout(() => stop.abort(), 50)
    expect(await stopped).toMatchObject({ code: 'ALERT_REFUSED', retryable: true })
    expect(await late).toMatchObject({ code: 'ALERT_REFUSED', retryable: true })
    for (const socket of sockets) socket.destroy()
  })

  it('one that hangs up, is away or speaks something else', async () => {
    const hangsUp = await startPlainServer((socket) => void socket.on('error', () => undefined).destroy())
    const http = await startPlainServer(
      (socket) => void socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    )
    for (const host of [hangsUp, http, '127.0.0.1:9'])
      expect(await failure(target(`smtp://${host}`).send(alertAt(), delivery))).toMatchObject({
        code: 'ALERT_REFUSED',
        retryable: true,
      })
  })
})
