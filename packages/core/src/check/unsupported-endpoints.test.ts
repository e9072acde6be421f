import { expect, it } from 'vitest'
import { UnsupportedEndpoints } from './unsupported-endpoints.js'

it('an endpoint that is gone is left alone for a week, by site', () => {
  const day = 24 * 60 * 60_000
  const gone = new UnsupportedEndpoints()
  gone.note('cn', 1_000)
  expect(gone.isGone('cn', 1_000 + 7 * day - 1)).toBe(true)
  expect(gone.isGone('cn', 1_000 + 7 * day)).toBe(false)
  expect(gone.isGone('com', 1_000)).toBe(false)
})
