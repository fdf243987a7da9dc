import type { Diagnosis, UpgradePage } from '../api/shapes'
import { Chip, Panel } from '../ui/parts'
import { roughly, when } from '../words/time'

/** What was seen of failures before anything was undone, and what the rollback did about them. */
export function DiagnosisPanel({ page: { diagnoses, events } }: { page: UpgradePage }) {
  const undone = events.filter(({ phase }) => phase === 'rollback')
  if (diagnoses.length === 0 && undone.length === 0) return null
  return (
    <Panel title="What went wrong" tone="bad" id="diagnosis">
      {diagnoses.length === 0 && <p className="muted">Nothing was seen of pods; the steps have the reason.</p>}
      {diagnoses.map((each) => (
        <Seen key={`${each.at} ${each.rule}`} diagnosis={each} />
      ))}
      {undone.length > 0 && (
        <>
          <h3>What the rollback did</h3>
          <ul className="findings">
            {undone.map(({ at, message }, index) => (
              <li key={index}>
                <time dateTime={at} className="muted">
                  {when(at)}
                </time>{' '}
                {message}
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  )
}

const Seen = ({ diagnosis: { phase, rule, kind, sentence, at, detected, pods, unread } }: { diagnosis: Diagnosis }) => (
  <article className="seen">
    <p>
      <Chip tone={kind === 'failed' ? 'bad' : 'warn'}>{kind}</Chip> <strong>{sentence}</strong>
    </p>
    <p className="muted">
      At {when(at)}, in phase {phase}, by rule <code>{rule}</code>
      {detected &&
        `, ${roughly(detected.ms) || `${Math.round(detected.ms / 1_000)} s`} after ${detected.after === 'sign' ? 'the first sign' : 'the change'}`}
      .
    </p>
    {pods.map(({ workload, pod, container, state, log, events }) => (
      <div key={pod} className="pod">
        <p>
          <strong>{pod}</strong> <span className="muted">{container && `container ${container} of ${workload}`}</span>
          <br />
          {state}
        </p>
        {events.length > 0 && (
          <ul className="findings">
            {events.map((each, index) => (
              <li key={index}>{each}</li>
            ))}
          </ul>
        )}
        {log.length > 0 && (
          <pre tabIndex={0} aria-label={`Last lines of ${pod}`}>
            {log.join('\n')}
          </pre>
        )}
      </div>
    ))}
    {unread.length > 0 && <p className="muted">Could not be read: {unread.join('; ')}.</p>}
  </article>
)
