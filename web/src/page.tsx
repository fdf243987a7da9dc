import { useQuery } from '@tanstack/react-query'
import { lazy } from 'react'
import { BrowserRouter, Route, Routes } from 'react-router'
import { rememberCsrf } from './api/http'
import { session } from './api/queries'
import { Failure, Waiting } from './ui/asked'
import { Login } from './shell/login'
import { NotFound } from './shell/not-found'
import { Shell } from './shell/shell'
import { Overview } from './pages/overview'

// The overview comes with the first load; the others when they are first opened.
const Upgrade = lazy(async () => ({ default: (await import('./pages/upgrade')).Upgrade }))
const Service = lazy(async () => ({ default: (await import('./pages/service')).Service }))
const History = lazy(async () => ({ default: (await import('./pages/history')).History }))
const Calendar = lazy(async () => ({ default: (await import('./pages/calendar')).Calendar }))
const Releases = lazy(async () => ({ default: (await import('./pages/releases')).Releases }))
const Release = lazy(async () => ({ default: (await import('./pages/release')).Release }))
const Registries = lazy(async () => ({ default: (await import('./pages/registries')).Registries }))
const Quarantine = lazy(async () => ({ default: (await import('./pages/quarantine')).Quarantine }))
const Settings = lazy(async () => ({ default: (await import('./pages/settings')).Settings }))

/** Who nobody knows logs in first; the address stays, and is shown afterwards. */
export function Page() {
  const { data, error } = useQuery(session)
  if (!data) return <main className="alone">{error ? <Failure error={error} /> : <Waiting what="this hub" />}</main>
  rememberCsrf(data.csrf)
  return (
    <BrowserRouter>
      {data.person ? (
        <Routes>
          <Route element={<Shell />}>
            <Route index element={<Overview />} />
            <Route path="services/:namespace/:service" element={<Service />} />
            <Route path="upgrades" element={<History />} />
            <Route path="upgrades/:id" element={<Upgrade />} />
            <Route path="releases" element={<Releases />} />
            <Route path="releases/:name" element={<Release />} />
            <Route path="calendar" element={<Calendar />} />
            <Route path="registries" element={<Registries />} />
            <Route path="quarantine" element={<Quarantine />} />
            <Route path="settings" element={<Settings />} />
            <Route path="*" element={<NotFound />} />
          </Route>
        </Routes>
      ) : (
        <Login session={data} />
      )}
    </BrowserRouter>
  )
}
