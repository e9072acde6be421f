import { describe, expect, it } from 'vitest'
import { WrongKeys } from './wrong-keys.js'

describe('wrong keys', () => {
  it('ten wrong keys of an address are answered at once, further ones ever later, up to five seconds', () => {
    const keys = new WrongKeys(() => 0)
    const delays = Array.from({ length: 30 }, () => keys.count('203.0.113.7'))
    expect(delays.slice(0, 10)).toEqual(Array(10).fill(0))
    expect(delays.slice(10, 17)).toEqual([100, 200, 400, 800, 1600, 3200, 5000])
    expect(delays.at(-1)).toBe(5000)
    expect(keys.count('203.0.113.8')).toBe(0)
  })

  it('wrong keys are forgotten with time, but not when the clock is set back', () => {
    let now = 1_000_000
    const keys = new WrongKeys(() => now)
    for (let count = 0; count < 12; count++) keys.count('a')
    now -= 500_000
    expect(keys.count('a')).toBe(400)
    now += 60_000
    expect(keys.count('a')).toBe(0)
  })

  it('all addresses of an IPv6 network of one customer count as one', () => {
    const keys = new WrongKeys(() => 0)
    for (let count = 0; count < 10; count++) keys.count(`2001:db8:1:2:3:4:5:${count}`)
    expect(keys.count('2001:DB8:1:2::9')).toBe(100)
    expect(keys.count('2001:db8:1:3::9')).toBe(0)
    expect(keys.count('::1')).toBe(0)
    expect(keys.count('::ffff:10.0.0.1')).toBe(0)
  })

  it('a million addresses are not all remembered', () => {
    const keys = new WrongKeys(() => 0)
    for (let count = 0; count < 11; count++) keys.count('first')
    for (let count = 0; count < 10_000; count++) keys.count(`10.0.${count >> 8}.${count & 255}`)
    expect(keys.count('first')).toBe(0)
  })
})
