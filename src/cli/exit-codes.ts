import { RefitError, type ErrorCode } from '../domain/errors'

/** What a script may rely on. */
export const exitCodes = {
  ok: 0,
  /** unexpected, or something that is needed can't be reached */
  failed: 1,
  /** wrong arguments or a wrong refit.yaml */
  usage: 2,
  /** said no: an approval refused, a plan that may not run, a question answered with no */
  refused: 3,
  timedOut: 4,
  notFound: 5,
  /** something waits for a person; of `status` only with --exit-code */
  needsPerson: 6,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** The one place where Refit's errors become exit codes. */
export const exitCodeByError: Record<ErrorCode, ExitCode> = {
  CONFIG_INVALID: exitCodes.usage,
  USAGE: exitCodes.usage,
  ROUTE_UNKNOWN: exitCodes.notFound,
  RATE_LIMITED: exitCodes.failed,
  WEBHOOK_REFUSED: exitCodes.refused,
  TAG_UNPARSEABLE: exitCodes.usage,
  SERVICE_UNKNOWN: exitCodes.notFound,
  PLAN_UNKNOWN: exitCodes.notFound,
  PLAN_CHANGED: exitCodes.refused,
  UPGRADE_UNKNOWN: exitCodes.notFound,
  MARK_UNKNOWN: exitCodes.notFound,
  APPROVAL_REFUSED: exitCodes.refused,
  UNAUTHENTICATED: exitCodes.refused,
  FORBIDDEN: exitCodes.refused,
  TOKEN_UNKNOWN: exitCodes.notFound,
  OIDC_UNAVAILABLE: exitCodes.failed,
  SERVER_UNAVAILABLE: exitCodes.failed,
  FREEZE_UNKNOWN: exitCodes.notFound,
  RELEASE_INVALID: exitCodes.usage,
  RELEASE_UNKNOWN: exitCodes.notFound,
  RELEASE_REFUSED: exitCodes.refused,
  ALERT_UNKNOWN: exitCodes.notFound,
  PROMOTION_UNAVAILABLE: exitCodes.failed,
  ACCEPT_REFUSED: exitCodes.refused,
  UNINSTALL_REFUSED: exitCodes.refused,
  VIEW_STALE: exitCodes.refused,
  REQUEST_RUNNING: exitCodes.refused,
  REGISTRY_UNAVAILABLE: exitCodes.failed,
  REGISTRY_BUSY: exitCodes.failed,
  REGISTRY_REFUSED: exitCodes.failed,
  REGISTRY_NOT_FOUND: exitCodes.notFound,
  REGISTRY_BAD_ANSWER: exitCodes.failed,
  KUBERNETES_UNAVAILABLE: exitCodes.failed,
  KUBERNETES_FORBIDDEN: exitCodes.failed,
  KUBERNETES_CONFLICT: exitCodes.refused,
  KUBERNETES_NOT_FOUND: exitCodes.notFound,
  KUBERNETES_INVALID: exitCodes.failed,
  GIT_UNAVAILABLE: exitCodes.failed,
  GIT_REFUSED: exitCodes.failed,
  GIT_CONFLICT: exitCodes.refused,
  DATABASE_UNAVAILABLE: exitCodes.failed,
  TEMPORAL_UNAVAILABLE: exitCodes.failed,
  NO_WORKER: exitCodes.failed,
  MIGRATION_FAILED: exitCodes.failed,
  MIGRATION_CHANGED: exitCodes.refused,
  MIGRATION_DIRTY: exitCodes.failed,
  MIGRATION_REFUSED: exitCodes.refused,
  LEASE_LOST: exitCodes.failed,
  ALERT_REFUSED: exitCodes.failed,
  WAIT_EXPIRED: exitCodes.timedOut,
  INTERNAL: exitCodes.failed,
}

/** The exit code of anything that was thrown. */
export const exitCodeOf = (error: unknown): ExitCode =>
  error instanceof RefitError ? exitCodeByError[error.code] : exitCodes.failed
