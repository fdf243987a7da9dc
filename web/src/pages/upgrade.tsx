import { useQuery } from '@tanstack/react-query'
import { useParams } from 'react-router'
import { upgrade } from '../api/queries'
import type { UpgradePage } from '../api/shapes'
import { useTitle } from '../shell/shell'
import { Asked } from '../ui/asked'
import { Ago, Chip, FromTo, ServiceLink } from '../ui/parts'
import { nowWords, outcomeWords, stageOf, waitsForApproval } from '../words/upgrade'
import { Answer } from './upgrade-answer'
import { DiagnosisPanel } from './upgrade-diagnosis'
import { HealthPanel } from './upgrade-health'
import { HeldPanel } from './upgrade-held'
import { LogsPanel } from './upgrade-logs'
import { PlanPanel } from './upgrade-plan'
import { FactsPanel } from './upgrade-facts'
import { StepsPanel } from './upgrade-steps'

/** One upgrade, live: where it stands, what was planned, what was seen, who said what. */
export function Upgrade() {
  const { id = '' } = useParams()
  const query = useQuery(upgrade(id))
  return (
    <Asked query={query} what="this upgrade">
      {(page) => <Story page={page} />}
    </Asked>
  )
}

function Story({ page }: { page: UpgradePage }) {
  const { upgrade: row } = page
  useTitle(`${row.namespace}/${row.service} ${row.fromTag} → ${row.toTag}`)
  // Who is asked reads the plan first; afterwards what happens matters more.
  const plan = <PlanPanel page={page} />
  const asks = waitsForApproval(row)
  return (
    <>
      <Head page={page} />
      <Answer page={page} />
      <HeldPanel page={page} />
      <div className="columns">
        <div className="column">
          {asks && plan}
          <DiagnosisPanel page={page} />
          <HealthPanel page={page} />
          {!asks && plan}
          <LogsPanel page={page} />
        </div>
        <div className="column narrow">
          <StepsPanel page={page} />
          <FactsPanel page={page} />
        </div>
      </div>
    </>
  )
}

function Head({ page: { upgrade: row } }: { page: UpgradePage }) {
  const { word, tone } = stageOf(row)
  return (
    <header className={`headline ${tone}`}>
      <p className="eyebrow">
        <ServiceLink {...row} />
      </p>
      <h1>
        <FromTo from={row.fromTag} to={row.toTag} /> <Chip tone={tone}>{word}</Chip>
      </h1>
      <p role="status" className="now">
        {nowWords(row) || 'Nothing was recorded yet.'}
      </p>
      <p className="muted">
        {row.outcome ? (
          <>
            {outcomeWords[row.outcome]} Ended <Ago at={row.endedAt ?? row.startedAt} />.
          </>
        ) : (
          <>
            Began <Ago at={row.startedAt} />.
          </>
        )}
        {row.resolvedAs && ` A person resolved it as ${row.resolvedAs}.`}
      </p>
    </header>
  )
}
