import { outcomes } from '../domain/status'
import { type CommandSpec, server, service, tokenFile } from './command-spec'
import { loadCommand } from './lazy'
import { instantOf, limit, sentence } from './parsers'

/** What there was: the list of upgrades, the story of one, its logs, and its report. */
export const historyCommands: CommandSpec[] = [
  {
    name: 'history',
    summary: 'the upgrades, newest first; with --upgrade the story of one',
    args: [['[service]', service[1]]],
    options: [
      { flags: '--limit <n>', description: 'how many', parse: limit, default: 20 },
      { flags: '--upgrade <id>', description: 'every event of this upgrade' },
      { flags: '--logs', description: 'with --upgrade: what its Jobs logged' },
      { flags: '--namespace <name>', description: 'only there', parse: sentence },
      { flags: '--state <state>', description: 'only what is so', choices: ['open', 'held', 'ended'] },
      { flags: '--outcome <outcome>', description: 'only what ended so', choices: outcomes },
      { flags: '--person <name>', description: 'only where this person did something', parse: sentence },
      { flags: '--from <instant>', description: 'only what started then or later', parse: instantOf },
      { flags: '--to <instant>', description: 'only what started before', parse: instantOf },
      { flags: '--search <text>', description: 'a part of service, tag, digest or message', parse: sentence },
      { flags: '--cursor <cursor>', description: 'go on where the list before ended', parse: sentence },
    ],
    examples: [
      'refit history hub/ledger',
      'refit history --state held',
      'refit history --upgrade 1a2b3c4d5e6f-1 --logs',
    ],
    load: () => loadCommand.history().run,
  },
  {
    name: 'logs',
    summary: 'what happened in an upgrade, and what its Jobs wrote',
    details: 'Of a service its open upgrade, else its newest one.',
    args: [['<upgrade-or-service>', 'an upgrade’s id, or a service']],
    options: [{ flags: '-f, --follow', description: 'go on until it ends, or until Ctrl-C' }, tokenFile, server],
    examples: ['refit logs hub/ledger --follow', 'refit logs 1a2b3c4d5e6f-1 -o yaml'],
    load: () => loadCommand.logs().run,
  },
  {
    name: 'report',
    summary: 'all that an auditor asks of one upgrade, as Markdown; with -o json as data',
    details: 'Request, ticket, plan, evidence, who approved and how that was verified, timeline and outcome.',
    args: [['<upgrade>', 'its id, as refit history shows it']],
    examples: ['refit report 1a2b3c4d5e6f-1 > report.md', 'refit report 1a2b3c4d5e6f-1 -o json'],
    load: () => loadCommand.report().run,
  },
]
