import { by, type CommandSpec, type Option, plan, reason, server, service, tokenFile, voteClaim } from './command-spec'
import { loadCommand } from './lazy'
import { duration, instantOf, sentence } from './parsers'

const voter = [by, tokenFile, server]
const change: Option = { flags: '--change <reference>', description: 'the ticket of the change', parse: sentence }
const yes = (verb: string): Option => ({
  flags: '-y, --yes',
  description: `${verb} without asking: the plan of --plan, or whatever waits`,
})

/** The commands by which people speak to an upgrade. */
export const voteCommands: CommandSpec[] = [
  {
    name: 'request',
    summary: 'ask for the waiting plan of a service by name, so that somebody else may approve it',
    details: `For policies with makerChecker: one person requests, another approves. Without --plan it shows the plan and asks. ${voteClaim}`,
    args: [service],
    options: [plan, reason('why, for who approves', { required: false }), change, yes('request'), ...voter],
    care: 'own',
    examples: ["refit request hub/ledger --reason 'needed by release 17.1' --change CHG-123"],
    load: () => loadCommand.request().run,
  },
  {
    name: 'approve',
    summary: 'say yes to the waiting plan of a service',
    details: `Without --plan it shows the plan and asks. --now and --override-freeze are for members of the policy's emergency group; everything is still checked, and it pages. ${voteClaim}`,
    args: [service],
    options: [
      plan,
      { flags: '--comment <text>', description: 'kept with the approval', parse: sentence },
      change,
      { flags: '--now', description: 'start outside of windows; needs --reason' },
      { flags: '--override-freeze', description: 'start in a freeze, too; needs --reason' },
      reason('why it can not wait', { required: false }),
      { flags: '--withdraw', description: 'see refit withdraw' },
      yes('approve'),
      ...voter,
    ],
    care: 'own',
    examples: [
      'refit approve hub/ledger',
      'refit approve hub/ledger --plan 1a2b3c4d5e6f --change CHG-123',
      "refit approve hub/ledger --now --reason 'CVE-2026-1234 is exploited'",
      'refit approve hub/ledger --server https://refit.example.org --token-file ~/.refit-token',
    ],
    load: () => loadCommand.approve().run,
  },
  {
    name: 'reject',
    summary: 'say no to the waiting plan of a service; its digest is not offered again',
    details: voteClaim,
    args: [service],
    options: [reason('why, for the record'), plan, ...voter],
    care: { final: 'its digest is not offered again' },
    examples: ["refit reject hub/ledger --reason 'waits for the audit'"],
    load: () => loadCommand.reject().run,
  },
  {
    name: 'withdraw',
    summary: "take one's own approval or request back, before the upgrade starts",
    details: voteClaim,
    args: [service],
    options: [reason('why, for the record', { required: false }), plan, ...voter],
    care: 'ask',
    examples: ['refit withdraw hub/ledger'],
    load: () => loadCommand.withdraw().run,
  },
  {
    name: 'snooze',
    summary: 'keep the question about a plan quiet for a while; it can still be answered',
    details: voteClaim,
    args: [service],
    options: [
      { flags: '--for <duration>', description: 'for how long, such as 4h', parse: duration },
      { flags: '--until <instant>', description: 'until when, such as 2026-12-01T08:00Z', parse: instantOf },
      reason('why, for the record', { required: false }),
      plan,
      ...voter,
    ],
    care: 'ask',
    examples: ['refit snooze hub/ledger --for 4h', 'refit snooze hub/ledger --until 2026-12-01T08:00+03:00'],
    load: () => loadCommand.snooze().run,
  },
  {
    name: 'pause',
    summary: 'stop an upgrade at its next safe point, until it is resumed',
    details: voteClaim,
    args: [service],
    options: [reason('why, for the record'), ...voter],
    care: 'say',
    examples: ["refit pause hub/ledger --reason 'incident 42'"],
    load: () => loadCommand.pause().run,
  },
  {
    name: 'resume',
    summary: 'let a paused upgrade go on, or one that is held or lost its workflow',
    details: `A held upgrade goes on in a new workflow from where it was: what is on record is not done again. With --rollback what it did is put back. See docs/runbook.md. ${voteClaim}`,
    args: [service],
    options: [
      reason('why, for the record', { required: false }),
      { flags: '--rollback', description: 'put back what a held upgrade did' },
      ...voter,
    ],
    care: { final: 'what it did is put back', only: 'rollback' },
    examples: ['refit resume hub/ledger', 'refit resume hub/ledger --rollback'],
    load: () => loadCommand.resume().run,
  },
  {
    name: 'abort',
    summary: 'stop an upgrade, whatever its phase, and put back what it did',
    details: voteClaim,
    args: [service],
    options: [reason('why, for the record'), ...voter],
    care: { final: 'what it did is put back, and its digest is not offered again' },
    examples: ["refit abort hub/ledger --reason 'wrong release'"],
    load: () => loadCommand.abort().run,
  },
]
