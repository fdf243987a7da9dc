import { alertCommands } from './alert-commands'
import { auditCommands } from './audit-commands'
import { by, type CommandSpec, operatorClaim as claim, reason, server, service, tokenFile } from './command-spec'
import { loadCommand } from './lazy'
import { dataCommands } from './data-commands'
import { historyCommands } from './history-commands'
import { migrationCommands } from './migration-commands'
import { releaseCommands } from './release-commands'
import { repairCommands } from './repair-commands'
import { setupCommands } from './setup-commands'
import { operatorCommands } from './operator-commands'
import { address, duration, limit, listHash, sentence } from './parsers'
import { tokenCommands } from './token-commands'
import { voteCommands } from './vote-commands'

/** Every command with its help; the code behind `load` is read only when it runs. */
export const commands: CommandSpec[] = [
  {
    name: 'worker',
    summary: 'run a worker until it is told to stop',
    details: 'Brings the store to this version, creates the scan Schedule, then scans and upgrades.',
    examples: ['refit worker --config refit.yaml'],
    load: () => loadCommand.worker().run,
  },
  {
    name: 'server',
    summary: 'run the HTTP server until it is told to stop',
    details:
      'Serves the page and /api/v1 for people who log in, Slack buttons, the API of image-watcher, webhooks of registries, /livez, /readyz and /openapi.json. By default only this machine can reach it.',
    options: [
      {
        flags: '--listen <address>',
        description: 'host:port, by default $REFIT_SERVER_ADDRESS or 127.0.0.1:8080',
        parse: address,
      },
      {
        flags: '--insecure-local',
        description: 'whoever asks from this machine may do everything without a login; at loopback addresses only',
      },
    ],
    examples: ['refit server', 'refit server --listen 0.0.0.0:8080'],
    load: () => loadCommand.server().run,
  },
  {
    name: 'scan',
    summary: 'look at the cluster and the registries now, and show what was decided',
    details:
      'A worker does it. Where none has ever run, and all policies only watch, one runs beside this command until the scan has ended.',
    options: [
      { flags: '--wait', description: 'wait for the result (the default)' },
      { flags: '--no-wait', description: 'only trigger it' },
      { flags: '--timeout <duration>', description: 'how long to wait', parse: duration, default: 300_000 },
      { flags: '--watch', description: 'show how far it is per registry, then each later scan until interrupted' },
    ],
    care: 'say',
    examples: ['refit scan', 'refit scan --no-wait', 'refit scan --watch'],
    load: () => loadCommand.scan().run,
  },
  {
    name: 'status',
    summary: 'where every service stands and what to do next; with a SERVICE the reasons for it',
    args: [['[service]', service[1]]],
    options: [
      { flags: '--tags', description: 'every tag of the SERVICE with the reason for or against it' },
      { flags: '--exit-code', description: 'exit 6 when something needs a person' },
      tokenFile,
      server,
      { flags: '--all', description: 'every service, also where there are many' },
      { flags: '--watch', description: 'again and again until Ctrl-C; where stdout is no terminal only what changes' },
      {
        flags: '--since <duration>',
        description: 'what happened since then, as the daily digest tells it',
        parse: duration,
      },
    ],
    examples: [
      'refit status',
      'refit status hub/ledger --tags',
      'refit status --since 12h',
      'refit status --watch',
      'refit status --exit-code -o json',
    ],
    load: () => loadCommand.status().run,
  },
  {
    name: 'explain',
    summary: 'why a service is offered what it is offered: every tag with the reason for or against it',
    details: 'Shows what the last scan kept, and which policy decided. Nothing is asked of a registry.',
    args: [service],
    options: [
      { flags: '--tag <tag>', description: 'only this tag' },
      { flags: '--all', description: 'every tag, not only the newest' },
    ],
    examples: ['refit explain hub/ledger', 'refit explain hub/ledger --tag v1.2.0', 'refit explain ledger -o json'],
    load: () => loadCommand.explain().run,
  },
  {
    name: 'windows',
    summary: 'when a service may be upgraded next, and why not now; without a service a line per policy',
    details:
      'Openings by the windows and freezes of its policy, in the zone of the first window and in UTC, with the latest start for an upgrade that takes as long as expected.',
    args: [['[service]', service[1]]],
    options: [{ flags: '--next <n>', description: 'how many openings', parse: limit, default: 10 }],
    examples: ['refit windows', 'refit windows hub/ledger --next 5', 'refit windows hub/ledger -o json'],
    load: () => loadCommand.windows().run,
  },
  {
    name: 'policy try',
    summary: 'what a policy would choose from a tag list, live or from a file; needs no cluster, store or Temporal',
    details:
      'Reads the live list of --image, or --tags: a file with a tag a line, a JSON array, or a registry answer ("-" is stdin). The strategy is written as in refit.yaml. Ages are not counted: no clock has seen these tags.',
    options: [
      { flags: '--image <repository>', description: 'with its registry host, such as registry.example.org/hub/ledger' },
      { flags: '--current <tag>', description: 'the tag that runs', parse: sentence, required: true },
      { flags: '--strategy <strategy>', description: 'a word, or { range: "^17" }', default: 'bugfix' },
      { flags: '--prerelease <channel>', description: 'the one channel that is followed', default: 'none' },
      { flags: '--hotfixes', description: 'offer four-part hot-fixes above their release' },
      { flags: '--tags <file>', description: 'a saved list instead of the live one' },
      { flags: '--all', description: 'every tag, not only the newest' },
    ],
    examples: [
      'refit policy try --image docker.io/mojaloop/central-ledger --current v17.0.0 --strategy minor',
      'refit policy try --current main-5-a1b2c3d --strategy \'{ filter: "^main-([0-9]+)-", extract: "$1", order: numerical }\' --tags tags.txt',
    ],
    load: () => loadCommand.policy().run,
  },
  {
    name: 'init',
    summary: 'write a commented refit.yaml for what runs in the cluster, everything in mode watch',
    details:
      'With --hub the hub gets that name, by which alerts and pages call it; else it is my-hub. Where hubs.yaml has a hub of that name, its cluster and its file are meant.',
    namesHub: true,
    options: [
      {
        flags: '--namespace <name...>',
        description: 'look only there; by default in all but kube-*, default, local-path-storage and refit',
      },
      { flags: '--environment <name>', description: 'such as production', parse: sentence, default: 'test' },
      { flags: '--stdout', description: 'print it instead' },
      { flags: '--force', description: 'overwrite the file' },
    ],
    examples: ['refit init --kubeconfig hub.kubeconfig --namespace hub --hub green-hub --environment production'],
    load: () => loadCommand.init().run,
  },
  {
    name: 'accept',
    summary: 'trust a suspicious tag list once, as it is',
    details: `For lists that shrank, are empty or lack the running tag. The next scan decides on it, and later lists are measured by it. ${claim}`,
    args: [service],
    options: [
      reason('why it is right, for the record'),
      { flags: '--list <hash>', description: 'only the list that explain shows with this hash', parse: listHash },
      by,
      tokenFile,
    ],
    care: 'ask',
    examples: ["refit accept hub/ledger --list 3f2a9c01b7de --reason 'old tags were pruned on purpose'"],
    load: () => loadCommand.accept().run,
  },
  {
    name: 'security mark',
    summary: 'say that a version mends a vulnerability: minimumAge and settle do not hold it back',
    details: claim,
    args: [service, ['<version>', 'a tag', sentence]],
    options: [reason('such as CVE-2026-1234'), by, tokenFile],
    care: 'ask',
    examples: ['refit security mark hub/ledger v1.0.2 --reason CVE-2026-1234'],
    load: () => loadCommand.security().mark,
  },
  {
    name: 'security lift',
    summary: 'take a mark back',
    details: claim,
    args: [service, ['<version>', 'a tag', sentence]],
    options: [by, tokenFile],
    care: 'ask',
    examples: ['refit security lift hub/ledger v1.0.2'],
    load: () => loadCommand.security().lift,
  },
  {
    name: 'security list',
    summary: 'the versions that are marked',
    examples: ['refit security list'],
    load: () => loadCommand.security().list,
  },
  {
    name: 'plan',
    summary: 'dry run: what an upgrade would do, and whether the cluster would take it; writes nothing',
    args: [service],
    options: [{ flags: '--tag <tag>', description: 'this tag instead of the one that the policy chooses' }],
    examples: ['refit plan hub/ledger', 'refit plan ledger --tag v1.1.0'],
    load: () => loadCommand.plan().run,
  },
  ...migrationCommands,
  ...dataCommands,
  ...releaseCommands,
  ...voteCommands,
  ...tokenCommands,
  ...auditCommands,
  ...historyCommands,
  ...alertCommands,
  ...operatorCommands,
  ...repairCommands,
  ...setupCommands,
]
