import { Link } from 'react-router'
import type { ServiceStatus, UpgradeRow } from '../api/shapes'
import { Ago, Chip, FromTo, servicePath, ServiceName, upgradePath } from '../ui/parts'
import { nowWords, stageOf, waitsForApproval } from '../words/upgrade'

/** What needs a person, then what goes by itself. */
export function Attention({ services }: { services: readonly ServiceStatus[] }) {
  const person = services.filter(({ needsPerson }) => needsPerson !== null)
  const underway = services.filter(({ needsPerson, upgrade }) => needsPerson === null && upgrade !== null)
  return (
    <>
      {person.length > 0 && (
        <section aria-labelledby="person-heading">
          <h2 id="person-heading">Needs a person</h2>
          <ul className="cards">
            {person.map((each) => (
              <li key={keyOf(each)}>
                {each.upgrade ? <UpgradeCard upgrade={each.upgrade} /> : <DoubtCard service={each} />}
              </li>
            ))}
          </ul>
        </section>
      )}
      {underway.length > 0 && (
        <section aria-labelledby="underway-heading">
          <h2 id="underway-heading">Under way</h2>
          <ul className="cards">
            {underway.map(({ upgrade, ...each }) => (
              <li key={keyOf(each)}>{upgrade && <UpgradeCard upgrade={upgrade} />}</li>
            ))}
          </ul>
        </section>
      )}
    </>
  )
}

const keyOf = ({ namespace, service }: { namespace: string; service: string }): string => `${namespace}/${service}`

function UpgradeCard({ upgrade }: { upgrade: UpgradeRow }) {
  const { word, tone } = stageOf(upgrade)
  const asks = waitsForApproval(upgrade)
  return (
    <article className={`card ${tone}`}>
      <p className="card-head">
        <Link to={upgradePath(upgrade.id)} className="strong">
          <ServiceName {...upgrade} />
        </Link>
        <Chip tone={tone}>{word}</Chip>
      </p>
      <p>
        <FromTo from={upgrade.fromTag} to={upgrade.toTag} />
      </p>
      <p className="muted clamp">{nowWords(upgrade)}</p>
      <p className="card-foot">
        <span className="muted">
          {upgrade.endedAt ? 'ended' : 'began'} <Ago at={upgrade.endedAt ?? upgrade.startedAt} />
        </span>
        {asks && (
          <Link to={upgradePath(upgrade.id)} className="button main" aria-label={`Review ${keyOf(upgrade)}`}>
            Review
          </Link>
        )}
      </p>
    </article>
  )
}

const DoubtCard = ({ service }: { service: ServiceStatus }) => (
  <article className="card bad">
    <p className="card-head">
      <Link to={servicePath(service)} className="strong">
        <ServiceName {...service} />
      </Link>
      <Chip tone="bad">{service.decision?.kind}</Chip>
    </p>
    <p className="muted clamp">{service.needsPerson}</p>
  </article>
)
