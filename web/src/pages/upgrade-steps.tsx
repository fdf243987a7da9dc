import { comesNext } from '../../../src/domain/status'
import type { UpgradeEvent, UpgradePage } from '../api/shapes'
import { At, Panel } from '../ui/parts'
import { secondsWords } from '../words/time'
import { stepsOf, type Step, type StepState } from '../words/steps'
import { phaseWords } from '../words/upgrade'

const stateWords: Record<StepState, string> = {
  done: 'done',
  now: 'now',
  failed: 'failed',
  stopped: 'ended here',
  skipped: 'not needed',
  ahead: 'ahead',
  unreached: 'not reached',
}

/** The way of the upgrade with what happened at each step. */
export function StepsPanel({ page }: { page: UpgradePage }) {
  return (
    <Panel title="Steps">
      <ol className="steps">
        {stepsOf(page).map((step) => (
          <StepRow key={step.phase} step={step} />
        ))}
      </ol>
    </Panel>
  )
}

function StepRow({ step: { phase, state, from, events } }: { step: Step }) {
  const isOpen = state === 'now' || state === 'failed' || state === 'stopped' || phase === 'rollback'
  return (
    <li className={`step ${state}`} aria-current={state === 'now' ? 'step' : undefined}>
      <p className="step-head">
        <strong>{phaseWords[phase]}</strong>
        <span className="muted">
          {from ? <At at={from} /> : null}
          {state !== 'done' && <> {stateWords[state]}</>}
          {state === 'done' && <span className="unseen"> done</span>}
        </span>
      </p>
      {state === 'now' && <p className="muted">Next: {comesNext[phase]}.</p>}
      {events.length > 0 && (
        <details open={isOpen}>
          <summary>{events.length === 1 ? '1 event' : `${events.length} events`}</summary>
          <ul className="events">
            {events.map((event, index) => (
              <Event key={index} event={event} />
            ))}
          </ul>
        </details>
      )}
    </li>
  )
}

const Event = ({ event: { at, kind, by, verified, message } }: { event: UpgradeEvent }) => (
  <li>
    <time dateTime={at} title={at} className="muted">
      {secondsWords(at)}
    </time>{' '}
    <span className="kind">{kind}</span>{' '}
    {by && (
      <strong>
        {by}
        {!verified && ' (not verified)'}
      </strong>
    )}{' '}
    {message}
  </li>
)
