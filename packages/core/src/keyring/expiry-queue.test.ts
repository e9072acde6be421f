import { expect, it } from 'vitest'
import { Account } from '../key/account.js'
import type { Key, KeyAccount } from '../key/key.js'
import { ExpiryQueue } from './expiry-queue.js'

const resting = (id: string, until: number): KeyAccount => {
  const account = new Account<Key>(id)
  account.health = { status: 'cooling', until, reason: 'quota', strikes: 1 }
  return account
}

it('gives the accounts whose rest is over, the earliest first, each once', () => {
  const wakeUps = new ExpiryQueue()
  const [late, early, later] = [resting('late', 20), resting('early', 10), resting('later', 30)]
  for (const account of [late, early, later]) wakeUps.schedule(account)
  expect(wakeUps.next(9)).toBeUndefined()
  expect(wakeUps.next(20)).toBe(early)
  expect(wakeUps.next(20)).toBe(late)
  expect(wakeUps.next(20)).toBeUndefined()
  expect(wakeUps.next(30)).toBe(later)
})

it('has no use for an account that does not rest', () => {
  const wakeUps = new ExpiryQueue()
  wakeUps.schedule(new Account<Key>('ready'))
  expect(wakeUps.next(Number.MAX_SAFE_INTEGER)).toBeUndefined()
})
