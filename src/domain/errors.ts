/**
 * The closed set of error codes. Each edge maps them once: the CLI to exit codes (src/cli/exit-codes.ts), the HTTP server to
 * statuses (src/api/statuses.ts), activities to retryable or not (src/activities/failures.ts).
 */
export const errorCodes = [
  'CONFIG_INVALID',
  'USAGE',
  'ROUTE_UNKNOWN',
  'RATE_LIMITED',
  'WEBHOOK_REFUSED',
  'TAG_UNPARSEABLE',
  'SERVICE_UNKNOWN',
  'PLAN_UNKNOWN',
  'PLAN_CHANGED',
  'UPGRADE_UNKNOWN',
  'MARK_UNKNOWN',
  'APPROVAL_REFUSED',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'TOKEN_UNKNOWN',
  'OIDC_UNAVAILABLE',
  'SERVER_UNAVAILABLE',
  'FREEZE_UNKNOWN',
  'RELEASE_INVALID',
  'RELEASE_UNKNOWN',
  'RELEASE_REFUSED',
  'ALERT_UNKNOWN',
  'PROMOTION_UNAVAILABLE',
  'ACCEPT_REFUSED',
  'UNINSTALL_REFUSED',
  'VIEW_STALE',
  'REQUEST_RUNNING',
  'REGISTRY_UNAVAILABLE',
  'REGISTRY_BUSY',
  'REGISTRY_REFUSED',
  'REGISTRY_NOT_FOUND',
  'REGISTRY_BAD_ANSWER',
  'KUBERNETES_UNAVAILABLE',
  'KUBERNETES_FORBIDDEN',
  'KUBERNETES_CONFLICT',
  'KUBERNETES_NOT_FOUND',
  'KUBERNETES_INVALID',
  'GIT_UNAVAILABLE',
  'GIT_REFUSED',
  'GIT_CONFLICT',
  'DATABASE_UNAVAILABLE',
  'TEMPORAL_UNAVAILABLE',
  'NO_WORKER',
  'MIGRATION_FAILED',
  'MIGRATION_CHANGED',
  'MIGRATION_DIRTY',
  'MIGRATION_REFUSED',
  'LEASE_LOST',
  'ALERT_REFUSED',
  'WAIT_EXPIRED',
  'INTERNAL',
] as const

export type ErrorCode = (typeof errorCodes)[number]

interface RefitErrorOptions {
  cause?: unknown
  /** whether the same call may succeed later */
  retryable?: boolean
  /** how long the server wants to be left alone */
  retryAfterMs?: number
}

/** What failed and why in `message`, what to do in `next`; `code` is what programs look at. */
export class RefitError extends Error {
  override readonly name = 'RefitError'
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly next: string,
    options?: RefitErrorOptions,
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause })
    this.retryable = options?.retryable ?? retryableByDefault.has(code)
    if (options?.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs
  }
  readonly retryable: boolean
  /** how long a busy server wants to be left alone, where it said so */
  declare readonly retryAfterMs?: number
}

const retryableByDefault: ReadonlySet<ErrorCode> = new Set([
  'RATE_LIMITED',
  'PROMOTION_UNAVAILABLE',
  'SERVER_UNAVAILABLE',
  'OIDC_UNAVAILABLE',
  'REGISTRY_UNAVAILABLE',
  'REGISTRY_BUSY',
  'KUBERNETES_UNAVAILABLE',
  'GIT_UNAVAILABLE',
  'DATABASE_UNAVAILABLE',
  'TEMPORAL_UNAVAILABLE',
])

/** One sentence for a person: the message, then the next step. Never contains a stack or a secret. */
export function sentenceOf(error: unknown): string {
  if (error instanceof RefitError) return `${error.message} ${error.next}`
  return error instanceof Error ? error.message : String(error)
}
