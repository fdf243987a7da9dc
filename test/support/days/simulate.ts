/** Plays simulated days of a hub: scans, releases, people, outages; then counts, and checks what must hold. */
import { deliver } from '../../../src/clients/deliver'
import { taskQueue } from '../../../src/domain/temporal-names'
import { alertsLeft, checkAlerts, checkApprovals, checkBalance, checkWindows, type Counts, countsOf } from './checks'
import { dayMs, hubRules, serviceNo, servicesPerNamespace } from './hub'
import { type Act, People, type Said } from './people'
import { type Story, storyOf } from './story'
import { openWorld, type World } from './world'

export interface Days {
  seed: number
  days: number
  releases: number
  /** told of each day that is over */
  progress?: (line: string) => void
}

export interface Report extends Counts {
  seed: number
  days: number
  services: number
  scans: number
  said: Omit<Said, 'violations'>
  seconds: number
  violations: string[]
}

const minuteMs = 60_000
const scanEveryMs = 6 * 60 * minuteMs

export async function simulateDays({ seed, days, releases, progress = () => undefined }: Days): Promise<Report> {
  const services = hubRules.length * servicesPerNamespace
  const began = performance.now()
  const story = storyOf({ seed, days, services, releases })
  const world = await openWorld(story, services)
  try {
    return await world.run(async () => {
      const people = new People(world, story.answers)
      const scans = await play(world, { story, people, days, progress })
      await untilAllSent(world)
      const violations = [
        ...people.said.violations,
        ...checkWindows(world),
        ...(await checkApprovals(world)),
        ...(await checkAlerts(world)),
        ...(await checkBalance(world, story)),
      ]
      const { accepted, refused } = people.said
      const counts = await countsOf(world, story)
      const seconds = Math.round((performance.now() - began) / 1_000)
      return { seed, days, services, scans, said: { accepted, refused }, ...counts, seconds, violations }
    })
  } finally {
    await world.close()
  }
}

interface Play {
  story: Story
  people: People
  days: number
  progress: (line: string) => void
}

/** One event after the other; returns how many scans there were. */
async function play(world: World, { story, people, days, progress }: Play): Promise<number> {
  const { start } = world
  const end = start + days * dayMs
  let scans = 0
  const queue: Act[] = [
    ...storyActs(world, story),
    ...Array.from({ length: Math.ceil((days * dayMs) / scanEveryMs) }, (_, index) => ({
      at: start + index * scanEveryMs + minuteMs,
      act: () => scan(world, (scans += 1)),
    })),
    ...Array.from({ length: days }, (_, day) => ({
      at: start + (day + 1) * dayMs - 1,
      act: () => Promise.resolve(progress(`day ${day + 1}: ${world.patches.length} patches`)),
    })),
  ]
  while (queue.length > 0) {
    queue.sort((a, b) => a.at - b.at)
    const next = queue.shift() as Act
    if (next.at > end) break
    await world.passTo(next.at)
    await next.act()
    await settled(world)
    await send(world)
    const open = await world.store.upgrades.listOpen()
    for (const row of open) if (row.phase === 'approval') queue.push(...people.actsOn(row))
  }
  await world.passTo(end)
  await settled(world)
  return scans
}

function storyActs(world: World, story: Story): Act[] {
  const { start, registry, behaviours } = world
  const published = new Map<number, number>()
  const releases = [...story.releases].sort((a, b) => a.minute - b.minute)
  return [
    ...releases.map(({ service, minute, behaviour }) => ({
      at: start + minute * minuteMs,
      act: () => {
        const number = (published.get(service) ?? 0) + 1
        published.set(service, number)
        const { repository } = serviceNo(service)
        behaviours.set(`${repository}:v1.0.${number}`, behaviour)
        registry.publish(repository, `v1.0.${number}`)
        return Promise.resolve()
      },
    })),
    ...story.outages.flatMap(({ minute, minutes }) => [
      { at: start + minute * minuteMs, act: () => Promise.resolve(registry.fails(503)) },
      { at: start + (minute + minutes) * minuteMs, act: () => Promise.resolve(registry.fails(undefined)) },
    ]),
  ]
}

async function scan({ client }: World, number: number): Promise<void> {
  await client.workflow.execute('scan', { taskQueue, workflowId: `scan-${number}` })
}

/** A step that is tried again, because a registry is away, needs time to pass. */
const mostLooks = 60

/** Until every open upgrade waits for a person or for its time, or for a server that is away. */
async function settled({ store }: World): Promise<void> {
  for (let calm = 0, looks = 0; calm < 2 && looks < mostLooks; looks += 1) {
    const busy = (await store.upgrades.listOpen()).filter(({ phase }) => phase !== 'approval' && phase !== 'window')
    calm = busy.length === 0 ? calm + 1 : 0
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const send = ({ store, notifiers }: World) => deliver({ store, notifiers })

/** What was refused is tried again later: some hours more. */
async function untilAllSent(world: World): Promise<void> {
  for (let quarters = 0; quarters < 400 && (await alertsLeft(world)) > 0; quarters += 1) {
    await world.passTo(world.clock.now() + 5 * minuteMs)
    await send(world)
  }
}
