import { useState } from 'react'
import { Link } from 'react-router'
import { getText } from '../api/http'
import type { UpgradePage } from '../api/shapes'
import { Failure } from '../ui/asked'
import { At, Digest, Facts, Panel } from '../ui/parts'

/** Who said what, and where to read more. */
export function FactsPanel({ page }: { page: UpgradePage }) {
  const { upgrade: row, approval, release, temporal } = page
  const said = approval?.approvals ?? []
  return (
    <Panel title="Who and what">
      <Facts
        rows={[
          approval?.requestedBy && ['requested by', approval.requestedBy],
          [
            'approved by',
            said.length > 0 ? (
              <ul className="bare">
                {said.map(({ by, verified, via, reason, at }) => (
                  <li key={by}>
                    <strong>{by}</strong> {verified ? verifiedBy(via) : '(not verified)'}, <At at={at} />
                    {reason && <span className="muted">: {reason}</span>}
                  </li>
                ))}
              </ul>
            ) : (
              <span className="muted">{approval?.required === 0 ? 'nobody is asked' : 'nobody yet'}</span>
            ),
          ],
          approval?.ticket && ['change', approval.ticket],
          ['digest', <Digest digest={row.toDigest} key="digest" />],
          release && [
            'release',
            <Link key="release" to={`/releases/${encodeURIComponent(release)}`}>
              {release}
            </Link>,
          ],
          ['began', <At at={row.startedAt} key="began" />],
          row.endedAt && ['ended', <At at={row.endedAt} key="ended" />],
        ]}
      />
      <div className="links">
        <Report id={row.id} />
        {temporal.url && (
          <a href={temporal.url} target="_blank" rel="noreferrer">
            Temporal Web UI<span className="unseen"> (opens a new tab)</span>
          </a>
        )}
      </div>
    </Panel>
  )
}

/** How it is known who is behind the name. */
const verifiedBy = (via: string | null): string => {
  const words: Readonly<Record<string, string>> = {
    token: 'by token',
    slack: 'through Slack',
    oidc: 'by single sign-on',
  }
  return `(verified${via ? ` ${words[via] ?? via}` : ''})`
}

/** The whole story as a file, for a ticket or an auditor. */
function Report({ id }: { id: string }) {
  const [error, setError] = useState<unknown>()
  const save = async (): Promise<void> => {
    setError(undefined)
    try {
      const text = await getText(`/api/v1/upgrades/${encodeURIComponent(id)}/report?format=md`, 'text/markdown')
      const link = document.createElement('a')
      link.href = URL.createObjectURL(new Blob([text], { type: 'text/markdown' }))
      link.download = `upgrade-${id}.md`
      link.click()
      URL.revokeObjectURL(link.href)
    } catch (thrown) {
      setError(thrown)
    }
  }
  return (
    <>
      <button type="button" onClick={() => void save()}>
        Save the report
      </button>
      {error !== undefined && <Failure error={error} />}
    </>
  )
}
