import { by, claim, type CommandSpec, plan, reason, service, tokenFile } from './command-spec'
import { loadCommand } from './lazy'

const voter = [by, tokenFile]
const claimed = `With a token (REFIT_TOKEN or --token-file) it is known who speaks; a name given with --by is a claim, which counts only where the policy says unverified: accept.`

/** The commands of the data workflow: what runs after an upgrade that has succeeded. */
export const dataCommands: CommandSpec[] = [
  {
    name: 'data status',
    summary: 'where backfills and contracts stand, and for whom they wait; with a service how far each backfill is',
    details:
      'After an upgrade with files in backfill/ or contract/ its data workflow fills the new shape in small batches, then waits for: an approval of contract, where the policy asks for one; every user of the schema to be past it; a window outside of freezes; a proven backup. Contract is final. Progress is read from the service’s own database where its variable is set here.',
    args: [['[service]', service[1]]],
    examples: ['refit data status', 'refit data status hub/ledger', 'refit data status hub/ledger -o json'],
    load: () => loadCommand.data().status,
  },
  {
    name: 'data approve',
    summary: 'say yes to the contract of a plan; nothing takes a contract back',
    details: `The yes to the upgrade is none to its contract. It may be given while the backfill still runs, and be taken back until contract begins. ${claimed}`,
    args: [service],
    options: [plan, reason('kept with the approval', { required: false }), ...voter],
    care: { final: 'nothing takes a contract back', needsPlan: true },
    examples: ['refit data approve hub/ledger --plan 1a2b3c4d5e6f'],
    load: () => loadCommand.data().approve,
  },
  {
    name: 'data reject',
    summary: 'say no to the contract of a plan: the backfill goes through, the old shape stays',
    details: claimed,
    args: [service],
    options: [reason('why, for the record'), plan, ...voter],
    care: 'ask',
    examples: ["refit data reject hub/ledger --reason 'reporting still reads the old column'"],
    load: () => loadCommand.data().reject,
  },
  {
    name: 'data withdraw',
    summary: "take one's own approval of a contract back, before it begins",
    details: claimed,
    args: [service],
    options: [reason('why, for the record', { required: false }), plan, ...voter],
    care: 'ask',
    examples: ['refit data withdraw hub/ledger'],
    load: () => loadCommand.data().withdraw,
  },
  {
    name: 'data pause',
    summary: 'stop a backfill after the batch that runs, or a contract after the file that runs, until it is resumed',
    details: claim,
    args: [service],
    options: [reason('why, for the record'), ...voter],
    care: 'say',
    examples: ["refit data pause hub/ledger --reason 'incident 42'"],
    load: () => loadCommand.data().pause,
  },
  {
    name: 'data resume',
    summary: 'let a paused data workflow go on where it stopped',
    details: claimed,
    args: [service],
    options: [reason('why, for the record', { required: false }), ...voter],
    care: 'ask',
    examples: ['refit data resume hub/ledger'],
    load: () => loadCommand.data().resume,
  },
  {
    name: 'data abort',
    summary: 'end a data workflow at its next safe point; what is done stays, no image is rolled back',
    details: `refit data start begins it anew, and it goes on where its checkpoint is. ${claim}`,
    args: [service],
    options: [reason('why, for the record'), ...voter],
    care: 'ask',
    examples: ["refit data abort hub/ledger --reason 'wrong night'"],
    load: () => loadCommand.data().abort,
  },
  {
    name: 'data start',
    summary: 'start the data workflow of the last succeeded upgrade anew, after it was held, stopped or had no turn',
    details: `What is applied is not applied again; its contract is asked about anew. ${claim}`,
    args: [service],
    options: voter,
    care: 'ask',
    examples: ['refit data start hub/ledger'],
    load: () => loadCommand.data().start,
  },
]
