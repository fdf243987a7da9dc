/** PostgreSQL refuses NUL and lone surrogates in text and jsonb; what other systems say may hold them. */
export const clean = (text: string): string => text.replace(/[\0\p{Surrogate}]/gu, '\uFFFD')

/** JSON for a jsonb column, with every string cleaned. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) => (typeof item === 'string' ? clean(item) : item))
