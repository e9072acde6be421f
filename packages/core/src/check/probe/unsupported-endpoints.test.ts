import { expect, it } from 'vitest'
import { UnsupportedEndpoints } from './unsupported-endpoints.js'

it('unsupported endpoints are kept for a week, each site apart', () => {
  const day = 24 * 60 * 60_000
  const unsupported = new UnsupportedEndpoints()
  unsupported.add('cn', 1_000)
  expect(unsupported.has('cn', 1_000 + 7 * day - 1)).toBe(true)
  expect(unsupported.has('cn', 1_000 + 7 * day)).toBe(false)
  expect(unsupported.has('com', 1_000)).toBe(false)
})
