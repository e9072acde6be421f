import { expect, it, vi } from 'vitest'
import { HangUps } from './hang-ups.js'

function listening() {
  const listeners: (() => void)[] = []
  const said: string[] = []
  const hangUps = new HangUps({
    terminal: { onHangUp: (listener) => listeners.push(listener) },
    say: (text) => said.push(text),
  })
  return {
    hangUps,
    said,
    hangUp: () => {
      for (const listener of listeners) listener()
    },
  }
}

it('a SIGHUP while a server starts is kept, and reads the keys once when they can be read again', async () => {
  const { hangUps, said, hangUp } = listening()
  hangUp()
  hangUp()
  const reload = vi.fn(async () => 3)
  hangUps.handle(reload)
  await vi.waitFor(() => expect(said).toEqual(['SIGHUP: keys read again; 3 keys in the pool']))
  expect(reload).toHaveBeenCalledTimes(1)
  hangUp()
  await vi.waitFor(() => expect(said).toHaveLength(2))
})

it('a SIGHUP whose reading fails is said and changes nothing', async () => {
  const { hangUps, said, hangUp } = listening()
  hangUps.handle(() => Promise.reject(new Error('the file is gone')))
  expect(said).toEqual([])
  hangUp()
  await vi.waitFor(() => expect(said).toEqual(['SIGHUP: the file is gone; keeping the keys as they are']))
})
