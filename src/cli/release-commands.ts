import { by, claim, type CommandSpec, type Option, plan, reason, tokenFile } from './command-spec'
import { loadCommand } from './lazy'
import { sentence } from './parsers'

const named: [string, string] = [
  '<release>',
  'a YAML file, a Chart.yaml or its folder, or a release of the bill of materials; with manifests or charts the name of the release',
]
const name: [string, string] = ['<release>', 'its name, such as 17.1.0']
const sources: Option[] = [
  { flags: '--old-manifests <path>', description: 'rendered manifests of what runs: a file or a folder' },
  { flags: '--new-manifests <path>', description: 'rendered manifests of the release' },
  { flags: '--old-chart <folder>', description: 'the chart of what runs, rendered with helm where that is on PATH' },
  { flags: '--chart <folder>', description: 'the chart of the release' },
  { flags: '--values <file...>', description: 'values for both charts' },
  { flags: '--accept-differences', description: 'go on although more than images differs; who did is kept' },
  { flags: '--skip-missing', description: 'leave out what the release names and does not run here' },
]

const change: Option = { flags: '--change <reference>', description: 'the ticket of the change', parse: sentence }

/** The commands of a release. */
export const releaseCommands: CommandSpec[] = [
  {
    name: 'release plan',
    summary: 'dry run of a release: its waves, what is skipped, every reason against it; writes nothing',
    details:
      'A release names one tag per image and what goes first. Nothing goes backwards. Strategies are not asked: a person names the release.',
    args: [named],
    options: [...sources, by],
    examples: ['refit release plan 17.1.0', 'refit release plan release-1.1.0.yaml -o json'],
    load: () => loadCommand.release().plan,
  },
  {
    name: 'release notes',
    summary: 'what changes between two releases of the hub, by the labels of every image on the way',
    details:
      'As Markdown: what operators have to do, what breaks, security, data migrations, then image by image. It is what publishers say of their images; nothing is decided by it.',
    args: [
      ['<from>', 'a release of the bill of materials, a YAML file, or a Chart.yaml or its folder'],
      ['<to>', 'the same, of the later release'],
    ],
    examples: ['refit release notes 17.0.0 17.1.0', 'refit release notes 17.0.0 17.1.0 -o json'],
    load: () => loadCommand.release().notes,
  },
  {
    name: 'release start',
    summary: 'start a release: one approval, one shared window, wave by wave; a failure puts all of it back',
    details: `A release whose workflow was terminated goes on where it stopped. ${claim}`,
    args: [named],
    options: [...sources, by, tokenFile],
    care: 'ask',
    examples: ['refit release start release-1.1.0.yaml'],
    load: () => loadCommand.release().start,
  },
  {
    name: 'release status',
    summary: 'where a release stands, service by service; without a name the open or the newest one',
    args: [['[release]', name[1]]],
    examples: ['refit release status', 'refit release status 17.1.0 -o json'],
    load: () => loadCommand.release().status,
  },
  {
    name: 'release approve',
    summary: 'say yes to every plan of a waiting release',
    details: claim,
    args: [name],
    options: [
      plan,
      by,
      tokenFile,
      change,
      { flags: '--comment <text>', description: 'kept with the approval', parse: sentence },
    ],
    care: 'ask',
    examples: ['refit release approve 17.1.0 --plan 1a2b3c4d5e6f'],
    load: () => loadCommand.release().approve,
  },
  {
    name: 'release reject',
    summary: 'say no to a waiting release',
    details: claim,
    args: [name],
    options: [reason('why, for the record'), plan, by, tokenFile],
    care: 'ask',
    examples: ["refit release reject 17.1.0 --reason 'waits for the audit'"],
    load: () => loadCommand.release().reject,
  },
  {
    name: 'release abort',
    summary: 'stop a release, and put back what it upgraded in reverse order',
    details: claim,
    args: [name],
    options: [reason('why, for the record'), by, tokenFile],
    care: { final: 'all that it upgraded is put back' },
    examples: ["refit release abort 17.1.0 --reason 'wrong night'"],
    load: () => loadCommand.release().abort,
  },
]
