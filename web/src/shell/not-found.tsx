import { Link } from 'react-router'
import { Empty } from '../ui/parts'
import { useTitle } from './shell'

export function NotFound() {
  useTitle('Nothing here')
  return (
    <Empty title="There is nothing at this address.">
      <p>
        It may have been mistyped. The <Link to="/">overview</Link> has every service of this hub, the{' '}
        <Link to="/upgrades">history</Link> every upgrade.
      </p>
    </Empty>
  )
}
