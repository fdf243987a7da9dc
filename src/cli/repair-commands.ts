import { by, claim, type CommandSpec, operatorClaim, reason, service, tokenFile } from './command-spec'
import { loadCommand } from './lazy'
import { digest, repairOutcome } from './parsers'

/** The commands by which people set right what went wrong. */
export const repairCommands: CommandSpec[] = [
  {
    name: 'rollback',
    summary: 'take the last succeeded upgrade of a service back, until its contract has begun',
    details: `Starts an upgrade back to exactly what ran before, which is watched like any other; windows and freezes don't hold it. Refused where somebody changed the service since, or the data is contracted. The digest that is left is quarantined. ${claim}`,
    args: [service],
    options: [
      reason('why, for the record'),
      { flags: '--dry-run', description: 'only show what it would set' },
      by,
      tokenFile,
    ],
    care: { final: 'pods are replaced, and what runs now is quarantined' },
    examples: [
      "refit rollback hub/ledger --reason 'payments fail since v1.1.0'",
      'refit rollback ledger --reason test --dry-run',
    ],
    load: () => loadCommand.rollback().run,
  },
  {
    name: 'resolve',
    summary: 'record that a held upgrade was repaired by hand, so that scans offer candidates again',
    details: `First checks that the cluster runs all old or all new images, and says which. With --as it must run these; rolled-back quarantines the new digest. ${claim}`,
    args: [service],
    options: [
      reason('what was done'),
      { flags: '--as <outcome>', description: 'succeeded or rolled-back', parse: repairOutcome },
      by,
      { flags: '--force', description: 'record it although the cluster matches neither; not with --as' },
    ],
    care: { final: 'the record that it was repaired stays' },
    examples: [
      "refit resolve hub/ledger --as rolled-back --reason 'set back with kubectl rollout undo'",
      "refit resolve hub/ledger --as succeeded --reason 'the node was replaced, all pods are ready'",
    ],
    load: () => loadCommand.resolve().run,
  },
  {
    name: 'quarantine list',
    summary: 'the digests that failed and are not offered again',
    examples: ['refit quarantine list'],
    load: () => loadCommand.quarantine().list,
  },
  {
    name: 'quarantine lift',
    summary: 'offer a digest again',
    details: operatorClaim,
    args: [service, ['<digest>', 'sha256:…, as the list shows it', digest]],
    options: [by, tokenFile],
    care: 'ask',
    examples: [`refit quarantine lift hub/ledger sha256:${'0123456789abcdef'.repeat(4)} --by ana@example.org`],
    load: () => loadCommand.quarantine().lift,
  },
]
