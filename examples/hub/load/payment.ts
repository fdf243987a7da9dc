import type { JsonClient, Reply } from './client'

export interface PaymentTarget {
  ledger: JsonClient
  /** when given, the payment is quoted first */
  quoting?: JsonClient
}

/** Makes one payment; returns null when every answer was right, else the reason. */
export async function pay(
  { ledger, quoting }: PaymentTarget,
  transferId: string,
  number: number,
): Promise<string | null> {
  const payer = `dfsp-${number % 10}`
  const payee = `dfsp-${(number + 1 + (number % 3)) % 10}`
  const amount = 100 + (number % 9_900)
  try {
    let quoteId: string | undefined
    if (quoting) {
      const quoted = await quoting.post('/quotes', { payer, payee, amount })
      if (quoted.status !== 201) return `quote: status ${quoted.status}`
      quoteId = field(quoted, 'quoteId')
      if (typeof quoteId !== 'string' || field(quoted, 'amount') !== amount) return 'quote: wrong answer'
    }
    const reply = await ledger.post('/transfers', { transferId, payer, payee, amount, quoteId })
    if (reply.status !== 202 && reply.status !== 200) return `status ${reply.status}`
    return field(reply, 'transferId') === transferId && field(reply, 'amount') === amount ? null : 'wrong answer'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function field<T>({ body }: Reply, name: string): T | undefined {
  return typeof body === 'object' && body !== null ? (body as Record<string, T>)[name] : undefined
}
