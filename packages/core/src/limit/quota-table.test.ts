import { describe, expect, it } from 'vitest'
import { Quota } from './quota.js'
import { QuotaTable } from './quota-table.js'

const now = Date.UTC(2026, 8, 1, 12, 34, 56, 789)
const call = { tokens: 100, images: 0 }
const options = { learns: true, dayOffsetMs: 0 }
const ended = { tokens: null, isRefused: false }

describe('quotas that count in the same table', () => {
  it('do not count for each other, however many come and go', () => {
    const table = new QuotaTable(options)
    const all = Array.from({ length: 100 }, (_, at) => {
      const limits = at % 3 === 0 ? { RPM: 5, TPM: 450 } : at % 3 === 1 ? { RPD: 5 } : { TPM: 450, TPD: 900 }
      return { quota: new Quota({ ...options, limits, table }), fitting: at % 3 === 1 ? 5 : 4 }
    })
    for (const [at, { quota, fitting }] of all.entries()) {
      let fits = 0
      for (; quota.fits(call, now); fits++) quota.settle(quota.reserve(call, now), ended, now)
      expect(fits).toBe(fitting)
      if (at % 2 === 0) quota.forget()
    }
    const fresh = new Quota({ ...options, limits: { RPM: 5, TPM: 450 }, table })
    expect(fresh.fits({ tokens: 450, images: 0 }, now)).toBe(true)
    for (const [at, { quota }] of all.entries()) expect(quota.fits(call, now)).toBe(at % 2 === 0)
  })

  it('report their block when a refusal has moved them and when they are forgotten', () => {
    const table = new QuotaTable(options)
    const quota = new Quota({ ...options, limits: { TPM: 1_000 }, table })
    const blocks: number[] = []
    quota.setListener({ onBlock: ({ block }, place) => blocks.push(block + place) }, 0)
    for (let calls = 0; calls < 4; calls++) quota.reserve(call, now)
    // The first refusal is a suspicion, which is counted and limits nothing.
    expect(quota.refused('RPM', now + 1, now + 2)).toBeNull()
    expect(table.fits(quota.block, { tokens: 600, images: 0 }, now + 2)).toBe(true)
    expect(table.fits(quota.block, { tokens: 601, images: 0 }, now + 2)).toBe(false)
    quota.forget()
    expect(blocks).toEqual([blocks[0], expect.any(Number), 0])
    expect(blocks[1]).not.toBe(blocks[0])
  })
})
