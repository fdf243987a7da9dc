export interface Payment {
  payer: string
  payee: string
  /** minor units */
  amount: number
}

/** What is wrong with a payment's fields, or null. */
export function paymentFault(body: unknown): string | null {
  if (typeof body !== 'object' || body === null) return 'a JSON object is expected'
  const { payer, payee, amount } = body as Record<string, unknown>
  if (!isName(payer)) return 'payer: 1 to 64 characters are expected'
  if (!isName(payee)) return 'payee: 1 to 64 characters are expected'
  if (payer === payee) return 'payer and payee are the same'
  if (!Number.isSafeInteger(amount) || (amount as number) <= 0) return 'amount: a positive integer is expected'
  return null
}

/** An identifier or account name. */
export const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.length >= 1 && value.length <= 64
