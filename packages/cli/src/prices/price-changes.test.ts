import type { PriceList } from '@sfpool/core'
import { expect, it } from 'vitest'
import { plainAmount, priceChanges } from './price-changes.js'

const listOf = (models: PriceList['sites'][string]['models'], more: Partial<PriceList> = {}): PriceList => ({
  ...{ date: '2026-11-01', source: 'mine', sites: { cn: { currency: 'CNY', models } } },
  ...more,
})

it('priceChanges lists new models, changed prices and removed models', () => {
  const before = listOf({ a: 'free', b: { input: '1' }, c: { input: '1' }, d: { image: '1' } })
  const after = listOf({ b: { input: '1' }, c: { input: '2' }, d: 'free', e: 'free' })
  expect(priceChanges(before, after)).toEqual({ added: ['cn e'], changed: ['cn c', 'cn d'], gone: ['cn a'] })
  expect(priceChanges(null, before).added).toHaveLength(4)
})

it('priceChanges treats equal prices as unchanged however they are written', () => {
  const before = listOf({ a: { input: '4.000', output: '10' }, b: [{ video: '0.50' }] }, { zone: '+08:00' })
  const after = listOf({ a: [{ output: '10.0', input: '4' }], b: { video: '0.5' } })
  expect(priceChanges(before, after).changed).toEqual([])
})

it('priceChanges notices another currency and other hours', () => {
  const a = { hours: ['00:00', '08:00'] as const, input: '1' }
  const before = listOf({ a, b: { input: '1' } })
  expect(priceChanges(before, { ...before, zone: '+08:00' }).changed).toEqual(['cn a'])
  const dollars = { cn: { currency: 'USD', models: { a, b: { input: '1' } } } }
  expect(priceChanges(before, { ...before, sites: dollars }).changed).toEqual(['cn a', 'cn b'])
})

it.each([
  ['12.000', '12'],
  ['0.50', '0.5'],
  ['100', '100'],
  ['0.0', '0'],
])('plainAmount writes %s as %s', (given, plain) => {
  expect(plainAmount(given)).toBe(plain)
})
