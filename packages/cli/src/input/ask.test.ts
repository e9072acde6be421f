import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import type { Terminal } from '../terminal.js'
import { ask } from './ask.js'

function desk() {
  const input = new PassThrough()
  const written: string[] = []
  const stop = new AbortController()
  const output = {
    stream: new PassThrough(),
    isTTY: true,
    columns: () => 80,
    write: (text: string) => void written.push(text),
    drained: async () => {},
    writeSoon: () => {},
    endure: async () => {},
  }
  const terminal: Terminal = {
    out: output,
    err: output,
    input,
    environment: {},
    command: 'sfpool',
    directory: '/',
    now: () => 0,
    stopping: stop.signal,
    ending: new AbortController().signal,
    onHangUp: () => {},
  }
  return { input, written, stop, terminal }
}

it('ask returns the typed line', async () => {
  const { input, written, terminal } = desk()
  const answer = ask('sure? ', terminal)
  input.write('yes\n')
  expect(await answer).toBe('yes')
  expect(written).toEqual(['sure? '])
})

it('ask returns an empty answer at the end of the input', async () => {
  const { input, terminal } = desk()
  const answer = ask('sure? ', terminal)
  input.end()
  expect(await answer).toBe('')
})

it('ask rejects when the user interrupts, and starts a new line', async () => {
  const { written, stop, terminal } = desk()
  const answer = ask('sure? ', terminal)
  stop.abort()
  await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
  expect(written).toEqual(['sure? ', '\n'])
})
