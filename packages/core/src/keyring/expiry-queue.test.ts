import { expect, it } from 'vitest'
import { Account } from '../key/account.js'
import type { Key, KeyAccount } from '../key/key.js'
import { ExpiryQueue } from './expiry-queue.js'

const cooling = (id: string, until: number): KeyAccount => {
  const account = new Account<Key>(id)
  account.health = { status: 'cooling', until, reason: 'quota', strikes: 1 }
  return account
}

it('the queue gives the accounts whose cooldown is over, the earliest first, each once', () => {
  const queue = new ExpiryQueue()
  const [late, early, later] = [cooling('late', 20), cooling('early', 10), cooling('later', 30)]
  for (const account of [late, early, later]) queue.schedule(account)
  expect(queue.next(9)).toBeUndefined()
  expect(queue.next(20)).toBe(early)
  expect(queue.next(20)).toBe(late)
  expect(queue.next(20)).toBeUndefined()
  expect(queue.next(30)).toBe(later)
})

it('the queue ignores an account without a cooldown', () => {
  const queue = new ExpiryQueue()
  queue.schedule(new Account<Key>('ready'))
  expect(queue.next(Number.MAX_SAFE_INTEGER)).toBeUndefined()
})
