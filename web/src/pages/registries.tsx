import { useQuery } from '@tanstack/react-query'
import { registries } from '../api/queries'
import type { RegistryHost } from '../api/shapes'
import { useTitle } from '../shell/shell'
import { ActButton } from '../ui/act'
import { scanNow } from '../ui/hub-acts'
import { Asked } from '../ui/asked'
import { Ago, Chip, Empty } from '../ui/parts'

/** Whether what Refit reads can be read. */
export function Registries() {
  useTitle('Registries')
  const query = useQuery(registries)
  return (
    <>
      <header className="headline">
        <h1>Registries</h1>
        <p className="muted">Where the images come from, and whether the last scan could read their tags.</p>
        <ActButton act={scanNow} />
      </header>
      <Asked query={query} what="the registries">
        {({ registries: hosts }) =>
          hosts.length === 0 ? (
            <Empty title="No registry was asked yet.">
              <p>The first scan asks the registries of all images that run under a policy.</p>
            </Empty>
          ) : (
            <ul className="cards wide">
              {hosts.map((each) => (
                <li key={each.host}>
                  <Host host={each} />
                </li>
              ))}
            </ul>
          )
        }
      </Asked>
    </>
  )
}

function Host({ host: { host, repositories, failing, doubted, lastReadAt } }: { host: RegistryHost }) {
  const tone = failing.length > 0 ? 'bad' : doubted.length > 0 ? 'warn' : 'good'
  return (
    <article className={`card ${tone}`}>
      <p className="card-head">
        <strong className="break">{host}</strong>
        <Chip tone={tone}>{failing.length === 0 ? 'readable' : `${failing.length} of ${repositories} fail`}</Chip>
      </p>
      <p className="muted">
        {repositories} {repositories === 1 ? 'repository' : 'repositories'},{' '}
        {lastReadAt ? (
          <>
            last read <Ago at={lastReadAt} />
          </>
        ) : (
          'never read'
        )}
      </p>
      {failing.length > 0 && (
        <ul className="findings">
          {failing.map(({ repository, code, message, at }) => (
            <li key={repository}>
              <strong className="break">{repository}</strong> <code>{code}</code>
              <br />
              <span className="muted">
                {message}, <Ago at={at} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {doubted.length > 0 && (
        <p>
          The tag list of <strong className="break">{doubted.join(', ')}</strong> can’t be trusted; the services that
          run it say why.
        </p>
      )}
    </article>
  )
}
