import { simulateDays } from '../support/days/simulate'

const seed = Number(process.env.DAYS_SEED ?? Math.floor(Math.random() * 2 ** 31))

test(`24 simulated days of fifty services (DAYS_SEED=${seed}): windows are kept, no approval counts twice, every alert arrives, the counts balance`, async () => {
  const report = await simulateDays({ seed, days: 24, releases: 60 })
  console.log(JSON.stringify(report))
  expect(report.violations).toEqual([])
  expect(report.upgrades.succeeded).toBeGreaterThan(0)
  expect(report.patches.back).toBe(report.upgrades['rolled-back'] ?? 0)
  expect(report.said.refused['earlier plan'] ?? 0).toBeGreaterThan(0)
})
