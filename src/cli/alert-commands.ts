import { by, type CommandSpec } from './command-spec'
import { loadCommand } from './lazy'
import { alertId, limit } from './parsers'

/** `refit alerts …`. */
export const alertCommands: CommandSpec[] = [
  {
    name: 'alerts list',
    summary: 'alerts on their way to each target, newest first',
    options: [
      { flags: '--dead', description: 'only what was given up' },
      { flags: '--waiting', description: 'only what is to be sent yet' },
      { flags: '--limit <n>', description: 'how many', parse: limit, default: 50 },
    ],
    examples: ['refit alerts list', 'refit alerts list --dead'],
    load: () => loadCommand.alerts().list,
  },
  {
    name: 'alerts show',
    summary: 'one alert with its text, and what its target answered',
    args: [['<id>', 'as refit alerts list shows it', alertId]],
    examples: ['refit alerts show 17'],
    load: () => loadCommand.alerts().show,
  },
  {
    name: 'alerts resend',
    summary: 'send alerts again that were given up, or that wait',
    details: 'A worker sends them. What was sent stays sent.',
    args: [['[id]', 'as refit alerts list shows it', alertId]],
    options: [{ flags: '--all-dead', description: 'all that were given up' }],
    care: 'say',
    examples: ['refit alerts resend 17', 'refit alerts resend --all-dead'],
    load: () => loadCommand.alerts().resend,
  },
  {
    name: 'alerts test',
    summary: 'send a test to every target now, and say what each answered; exit 1 when one did not take it',
    args: [['[target]', 'such as slack#1: the first slack target of refit.yaml']],
    options: [by],
    care: 'say',
    examples: ['refit alerts test', 'refit alerts test email#1'],
    load: () => loadCommand.alerts().test,
  },
]
