/** What the help says of each group of commands. */
export const groupSummaries: Record<string, string> = {
  config: 'check refit.yaml, or print its schema',
  store: 'the tables of Refit itself: bring them to this version',
  alerts: 'alerts on their way: list, show, resend, test',
  audit: 'the record of who did what: list it, or verify that nobody changed it',
  session: 'who is logged in to the page: list, end',
  policy: 'try a policy on a tag list',
  security: 'versions that mend a vulnerability: mark, lift, list',
  release: 'versions of the hub: plan, start, approve or abort one',
  token: 'API tokens, by which it is known who acts: create, list, revoke',
  schedule: 'when scans and digests come: show, pause, resume, trigger',
  data: 'backfill and contract after an upgrade: status, approve, pause, abort, start',
  migrations: 'data migrations, before they run and while: status, lint, rehearse, backfill',
  quarantine: 'digests that failed: list them, or offer one again',
}
