import { useQueryClient } from '@tanstack/react-query'
import { Suspense, useEffect, useRef } from 'react'
import { NavLink, Outlet, useLocation } from 'react-router'
import { followChanges, useLiveness } from '../api/live'
import { Waiting } from '../ui/asked'
import { useSession } from '../ui/may'
import { Notes } from '../ui/notes'
import { Account } from './account'
import { Banners } from './banners'
import { icons } from './icons'
import { environmentClass } from '../words/hub'

const places = [
  { to: '/', name: 'Overview', icon: icons.overview },
  { to: '/upgrades', name: 'History', icon: icons.history },
  { to: '/calendar', name: 'Calendar', icon: icons.calendar },
  { to: '/releases', name: 'Releases', icon: icons.releases },
  { to: '/registries', name: 'Registries', icon: icons.registries },
  { to: '/quarantine', name: 'Quarantine', icon: icons.quarantine },
  { to: '/settings', name: 'Settings', icon: icons.settings },
] as const

/** What surrounds every view: whose hub this is, where to go, who is here. */
export function Shell() {
  const client = useQueryClient()
  const { hub } = useSession()
  useEffect(() => followChanges(client), [client])
  return (
    <div className={`shell ${environmentClass(hub.environment)}`}>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="top">
        <p className="hub">
          <span className="hub-name">{hub.name}</span>
          <span className="environment">{hub.environment}</span>
        </p>
        <Liveness />
        <Account />
      </header>
      <nav aria-label="Places">
        <ul>
          {places.map(({ to, name, icon }) => (
            <li key={to}>
              <NavLink to={to} end={to === '/'}>
                {icon}
                <span>{name}</span>
              </NavLink>
            </li>
          ))}
        </ul>
      </nav>
      <Main hub={`${hub.name} ${hub.environment}`} />
      <Notes />
    </div>
  )
}

function Main({ hub }: { hub: string }) {
  const { pathname } = useLocation()
  const main = useRef<HTMLElement>(null)
  const first = useRef(true)
  // Who reads with a screen reader or a keyboard starts at the new view, as after a load of a page.
  useEffect(() => {
    document.querySelector('nav a.active')?.scrollIntoView({ block: 'nearest', inline: 'center' })
    if (first.current) {
      first.current = false
      return
    }
    window.scrollTo(0, 0)
    main.current?.focus({ preventScroll: true })
  }, [pathname])
  return (
    <main id="main" ref={main} tabIndex={-1} data-hub={hub}>
      <Banners />
      <Suspense fallback={<Waiting what="this page" />}>
        <Outlet />
      </Suspense>
    </main>
  )
}

const liveWords = { live: 'Live', connecting: 'Connecting', away: 'Not live' } as const

/** Whether what is shown is from now. */
function Liveness() {
  const liveness = useLiveness()
  return (
    <p className={`liveness ${liveness}`} role="status">
      {liveWords[liveness]}
    </p>
  )
}

/** The name of the browser's tab or window; the hub always stands in it. */
export function useTitle(title: string): void {
  const { hub } = useSession()
  useEffect(() => {
    document.title = `${title} · ${hub.name} (${hub.environment}) · Refit`
  }, [title, hub.name, hub.environment])
}
