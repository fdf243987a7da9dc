import { createHash } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { createTransport } from 'nodemailer'
import { type Alert, plainText } from '../domain/alerts'
import { RefitError } from '../domain/errors'
import type { AlertRoute, Delivery, Notifier } from './contracts'
import { reachesOf, refused, shown, unreachable } from './post'
import { checkLiteral, guardedLookup } from './registry/address'

interface EmailTarget extends AlertRoute {
  /** smtp:// or smtps:// URL with the login in it */
  smtp: string
  from: string
  to: readonly string[]
  environment: string
  allowPrivate: boolean
  /** certificates in PEM that are trusted instead of those that Node trusts */
  ca?: string
  /** of one mail, from connecting to the last answer */
  deadlineMs?: number
}

const timeoutMs = 10_000
/** Below the sender's lease of a target: a server that drips its answers must not have the mail sent twice. */
const mailMs = 45_000

/**
 * Mail by SMTP, plain text. `smtps://` is TLS from the first byte; `smtp://` must offer STARTTLS, unless the server may be
 * private and no password is sent. The Message-ID is the idempotency key: mail programs show what comes twice once.
 */
export function emailNotifier({
  smtp,
  from,
  to,
  environment,
  allowPrivate,
  ca,
  deadlineMs = mailMs,
  ...route
}: EmailTarget): Notifier {
  const { name } = route
  const server = serverOf(smtp)
  const { secure, auth } = server
  return {
    ...route,
    async send(alert, delivery) {
      const socket = await open({ name, ...server, allowPrivate, signal: delivery.signal })
      const transport = createTransport({
        ...server,
        requireTLS: !secure && (auth !== undefined || !allowPrivate),
        tls: ca === undefined ? {} : { ca },
        connectionTimeout: timeoutMs,
        greetingTimeout: timeoutMs,
        socketTimeout: timeoutMs,
        // Opened here, because nodemailer would connect to whatever address the name has.
        getSocket: (_options: unknown, callback: (error: Error | null, socket: { connection: Socket }) => void) =>
          callback(null, { connection: socket }),
        disableFileAccess: true,
        disableUrlAccess: true,
      })
      const deadline = setTimeout(() => socket.destroy(new DOMException('too late', 'TimeoutError')), deadlineMs)
      try {
        const { rejectedErrors = [] } = (await transport.sendMail({
          from,
          to: [...to],
          ...mailOf(alert, delivery, environment),
        })) as { rejectedErrors?: SmtpError[] }
        return notTaken(name, rejectedErrors, auth?.pass)
      } catch (error) {
        throw smtpRefusal(name, error, auth?.pass)
      } finally {
        clearTimeout(deadline)
        transport.close()
        socket.destroy()
      }
    },
  }
}

interface Server {
  host: string
  port: number
  secure: boolean
  auth: { user: string; pass: string } | undefined
}

function serverOf(smtp: string): Server {
  const { protocol, hostname, port, username, password } = new URL(smtp)
  const secure = protocol === 'smtps:'
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port) || (secure ? 465 : 587),
    secure,
    auth: username ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) } : undefined,
  }
}

/** A connection to an address that is allowed. */
function open(
  to: Pick<Server, 'host' | 'port'> & { name: string; allowPrivate: boolean; signal: AbortSignal | undefined },
): Promise<Socket> {
  const { name, host, port, allowPrivate, signal } = to
  const allowed = reachesOf(allowPrivate)
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => reject(unreachable(name, error))
    try {
      checkLiteral(host, allowed)
    } catch (error) {
      return fail(error)
    }
    const socket = connect({ host, port, lookup: guardedLookup(allowed), ...(signal ? { signal } : {}) })
    socket.setTimeout(timeoutMs, () => socket.destroy(new DOMException('too late', 'TimeoutError')))
    socket.once('error', fail)
    socket.once('connect', () => {
      socket.off('error', fail)
      // Until nodemailer listens, a reset must not end the process.
      socket.on('error', () => undefined)
      resolve(socket)
    })
  })
}

function mailOf({ level, hub, title, text, url, thread }: Alert, { id, at }: Delivery, environment: string) {
  const domain = `${
    hub
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 60) || 'hub'
  }.refit.invalid`
  const messageId = (of: string): string => `<${createHash('sha256').update(of).digest('hex').slice(0, 32)}@${domain}>`
  return {
    messageId: messageId(id),
    // Nobody ever sends this one; mail programs group by it.
    ...(thread === undefined ? {} : { references: [messageId(`${hub}/thread/${thread}`)] }),
    date: at,
    subject: `[${hub} ${environment}] ${level}: ${title}`.slice(0, 200),
    text: `${plainText(text)}\n${url ? `\n${url}\n` : ''}`,
    headers: { 'X-Refit-Level': level, 'Auto-Submitted': 'auto-generated' },
  }
}

type SmtpError = Error & { code?: string; responseCode?: number; response?: string; recipient?: string }

/** Some took it, some didn't: tried again for those who may later, which repeats it for the others under the same Message-ID. */
function notTaken(name: string, errors: readonly SmtpError[], password: string | undefined): string | undefined {
  const later = errors.find(({ responseCode = 0 }) => responseCode < 500)
  if (later) throw smtpRefusal(name, later, password)
  return errors.length === 0
    ? undefined
    : `Refused for ${errors.map(({ recipient = 'somebody', responseCode }) => `${recipient} (${responseCode})`).join(', ')}.`
}

/** 4xx is tried again, as greylisting wants; 5xx and a refused login need a person. Never shows the password. */
function smtpRefusal(name: string, error: unknown, password: string | undefined): RefitError {
  if (error instanceof RefitError) return error
  const { code, responseCode, response, message } = error as SmtpError
  const hide = (text: string): string => (password ? text.replaceAll(password, '…') : text)
  if (code === 'EAUTH')
    return refused(
      `${name} refused the login (${responseCode ?? 'no answer'}).`,
      'Check user and password in the URL of its smtp.',
    )
  if (code === 'ETLS' || code === 'ESOCKET')
    return refused(
      `${name} can't be spoken to (${hide(shown(message))}).`,
      "It is tried again. Check the server's certificate, and whether smtps:// (TLS) or smtp:// (STARTTLS) is right.",
      { retryable: true },
    )
  if (responseCode !== undefined) {
    const said = `${name} answered ${hide(shown(response ?? message))}.`
    return responseCode < 500
      ? refused(said, 'It is tried again.', { retryable: true })
      : refused(said, 'Check sender and recipients in refit.yaml.')
  }
  return refused(`${name} can't be reached (${code ?? 'connection failed'}).`, 'It is tried again.', {
    retryable: true,
  })
}
