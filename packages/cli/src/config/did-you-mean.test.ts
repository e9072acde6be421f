import { expect, it } from 'vitest'
import { didYouMean } from './did-you-mean.js'

const names = ['probe', 'port', 'host', 'clientKey', 'clientKeyFile', 'timeoutIdle', 'ca']

it.each([
  ['prot', 'port'],
  ['PORT', 'port'],
  ['client_key', 'clientKey'],
  ['client-keys', 'clientKey'],
  ['timeoutIdel', 'timeoutIdle'],
  ['caa', 'ca'],
])('%j is taken for %j', (written, meant) => {
  expect(didYouMean(written, names)).toBe(meant)
})

it.each(['', 'x', 'database', 'sk-abcdefghijklmnopqrstuvwxyz'])('%j resembles no name', (written) => {
  expect(didYouMean(written, names)).toBeUndefined()
  expect(didYouMean(written, [])).toBeUndefined()
})
