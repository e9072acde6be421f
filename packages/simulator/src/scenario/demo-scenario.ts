import { fakeKey } from './fake-key.js'
import type { Scenario } from './scenario.js'

/** Makes sample accounts in different states, always the same. */
export function demoScenario(): Scenario {
  return {
    accounts: [
      {
        id: 'healthy',
        level: 1,
        keys: [fakeKey('demo', 'healthy', 'one'), fakeKey('demo', 'healthy', 'two')],
        money: { gift: '0.88', charged: '88.00' },
      },
      { id: 'voucher-only', keys: [fakeKey('demo', 'voucheronly')], money: { voucher: '16.00' } },
      { id: 'empty', keys: [fakeKey('demo', 'empty')], limits: {} },
      {
        id: 'low-rpm',
        keys: [fakeKey('demo', 'lowrpm')],
        money: { charged: '20.00' },
        limits: { '*': { rpm: 3, tpm: 2000 } },
      },
      { id: 'disabled', status: 'disabled', keys: [fakeKey('demo', 'disabled')], money: { charged: '5.00' } },
      {
        id: 'revoked-key',
        keys: [{ secret: fakeKey('demo', 'revokedkey'), status: 'revoked' }],
        money: { charged: '5.00' },
      },
      { id: 'overseas', site: 'com', keys: [fakeKey('demo', 'overseas')], money: { charged: '10.00' } },
    ],
  }
}
