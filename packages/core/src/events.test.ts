import { describe, expect, it, vi } from 'vitest'
import { PoolEmitter } from './events.js'

const event = { total: 1 }

describe('the notice board', () => {
  it('calls every listener of an event, in the order in which they came', () => {
    const board = new PoolEmitter()
    const heard: string[] = []
    board.on('keys-changed', ({ total }) => void heard.push(`first ${total}`))
    board.on('keys-changed', ({ total }) => void heard.push(`second ${total}`))
    board.emit('keys-changed', event)
    expect(heard).toEqual(['first 1', 'second 1'])
  })

  it('calls no listener of another event', () => {
    const board = new PoolEmitter()
    const listener = vi.fn()
    board.on('store-error', listener)
    board.emit('keys-changed', event)
    expect(listener).not.toHaveBeenCalled()
  })

  it('has a listener once, however often it is given, until it is taken off', () => {
    const board = new PoolEmitter()
    const listener = vi.fn()
    board.on('keys-changed', listener)
    board.on('keys-changed', listener)
    board.emit('keys-changed', event)
    expect(listener).toHaveBeenCalledTimes(1)
    board.off('keys-changed', listener)
    board.off('keys-changed', listener)
    board.emit('keys-changed', event)
    expect(listener).toHaveBeenCalledTimes(1)
  })

  it('knows whether an event has a listener, so that events without one need not be made', () => {
    const board = new PoolEmitter()
    const listener = () => {}
    expect(board.has('keys-changed')).toBe(false)
    board.on('keys-changed', listener)
    expect(board.has('keys-changed')).toBe(true)
    board.off('keys-changed', listener)
    expect(board.has('keys-changed')).toBe(false)
  })

  it('lets a listener take itself off, or add another for the next time', () => {
    const board = new PoolEmitter()
    const heard: string[] = []
    const once = () => {
      heard.push('once')
      board.off('keys-changed', once)
      board.on('keys-changed', () => void heard.push('later'))
    }
    board.on('keys-changed', once)
    board.emit('keys-changed', event)
    expect(heard).toEqual(['once'])
    board.emit('keys-changed', event)
    expect(heard).toEqual(['once', 'later'])
  })

  it('is not disturbed by a listener that throws: the others hear, and the error surfaces on its own', async () => {
    const board = new PoolEmitter()
    const surfaced: unknown[] = []
    const listeners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.once('uncaughtException', (error) => surfaced.push(error))
    try {
      const heard = vi.fn()
      const failure = new Error('the listener’s own')
      board.on('keys-changed', () => {
        throw failure
      })
      board.on('keys-changed', heard)
      expect(() => board.emit('keys-changed', event)).not.toThrow()
      expect(heard).toHaveBeenCalledWith(event)
      await new Promise((resolve) => setImmediate(resolve))
      expect(surfaced).toEqual([failure])
    } finally {
      for (const listener of listeners) process.on('uncaughtException', listener)
    }
  })
})
