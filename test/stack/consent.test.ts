import { askConsent, describe as describeChanges, refuseInstall } from '../../stack/consent'

const nothing = { packages: [], builds: [], machine: [] }

test('nothing to change, nothing to tell or to ask', async () => {
  const progress = jest.fn()
  await askConsent(nothing, false, progress)
  expect(progress).not.toHaveBeenCalled()
})

test('every package, build and change is listed', () => {
  const text = describeChanges({ packages: ['runc'], builds: ['etcd', 'kwok'], machine: ['address x on lo'] }).join(
    '\n',
  )
  for (const part of ['runc', 'etcd, kwok', 'min on two cores', 'address x on lo', 'undone by `down`'])
    expect(text).toContain(part)
})

test('without a terminal nobody is asked', async () => {
  const progress = jest.fn()
  await askConsent({ ...nothing, packages: ['runc'] }, false, progress)
  expect(progress).toHaveBeenCalledWith(expect.stringContaining('runc'))
})

test('--no-install gives the commands', () => {
  expect(() => refuseInstall({ ...nothing, packages: ['runc', 'iptables'] })).toThrow(
    'apt-get install --yes --no-remove --no-install-recommends runc iptables',
  )
  expect(() => refuseInstall(nothing)).not.toThrow()
})
