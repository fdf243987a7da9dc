import { by, type CommandSpec, operatorClaim as claim, reason, tokenFile } from './command-spec'
import { loadCommand } from './lazy'
import { sentence } from './parsers'

const namespace = {
  flags: '--namespace <name>',
  description: 'only this namespace of the hub; by default the whole hub',
  parse: sentence,
}
const why = reason('why, for the record', { required: false })
const who = [by, tokenFile]
const schedule: [string, string] = ['<schedule>', 'scan or digest']

/** Commands of who runs Refit: the freeze switch and the Schedules. */
export const operatorCommands: CommandSpec[] = [
  {
    name: 'freeze',
    summary: 'stop all upgrades of the hub, or of one namespace, until it is lifted',
    details: `No upgrade starts; what is under way stops at its next safe point and goes on after unfreeze. Targets of alerts with level action are told. ${claim}`,
    options: [namespace, reason('why, for the record and for the alert'), ...who],
    care: 'say',
    examples: ["refit freeze --reason 'incident 4711'", "refit freeze --namespace hub --reason 'month end'"],
    load: () => loadCommand.freeze().run,
  },
  {
    name: 'unfreeze',
    summary: 'lift a freeze; what waits for it goes on where a window is open',
    details: claim,
    options: [namespace, why, ...who],
    care: 'ask',
    examples: ['refit unfreeze', "refit unfreeze --namespace hub --reason 'month end is over'"],
    load: () => loadCommand.freeze().lift,
  },
  {
    name: 'freezes',
    summary: 'what is frozen, and what was within 90 days',
    examples: ['refit freezes', 'refit freezes -o json'],
    load: () => loadCommand.freeze().list,
  },
  {
    name: 'schedule show',
    summary: 'the last and next scans and digests, and who paused them',
    args: [['[schedule]', 'scan or digest; by default both']],
    examples: ['refit schedule show', 'refit schedule show scan'],
    load: () => loadCommand.schedule().show,
  },
  {
    name: 'schedule pause',
    summary: 'start no scan, or no digest, until it is resumed; what runs goes on',
    details: `It stays paused when workers start anew. ${claim}`,
    args: [schedule],
    options: [reason('why, for the record'), ...who],
    care: 'ask',
    examples: ["refit schedule pause scan --reason 'the registry moves'"],
    load: () => loadCommand.schedule().pause,
  },
  {
    name: 'schedule resume',
    summary: 'let a paused Schedule go on',
    details: claim,
    args: [schedule],
    options: [why, ...who],
    care: 'ask',
    examples: ['refit schedule resume scan'],
    load: () => loadCommand.schedule().resume,
  },
  {
    name: 'schedule trigger',
    summary: 'start a scan, or a digest, now',
    details:
      'A digest that is asked for goes to the targets of alerts like any other. `refit scan` also waits for its result.',
    args: [schedule],
    care: 'say',
    examples: ['refit schedule trigger digest'],
    load: () => loadCommand.schedule().trigger,
  },
]
