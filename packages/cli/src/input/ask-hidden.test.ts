import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { askHidden } from './ask-hidden.js'

function desk() {
  const raw: boolean[] = []
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (isRaw: boolean) => void raw.push(isRaw),
  })
  const written: string[] = []
  const stop = new AbortController()
  const err = {
    stream: new PassThrough(),
    isTTY: true,
    columns: () => 80,
    write: (text: string) => void written.push(text),
    writeSoon: (text: string) => void written.push(text),
    drained: async () => {},
    endure: async () => {},
  }
  const asking = askHidden('Keys: ', { input, err, stopping: stop.signal, interrupt: () => stop.abort() })
  return { input, written, raw, asking }
}

it('askHidden takes lines until an empty one, shows none of them, and tells how many came', async () => {
  const { input, written, raw, asking } = desk()
  input.write('sk-one\rsk-two\r')
  input.write('\r')
  expect(await asking).toBe('sk-one\nsk-two\n')
  expect(written.join('')).toBe('Keys: \r1 line\r2 lines\n')
  expect(raw).toEqual([true, false])
})

it('askHidden takes a paste that comes in pieces, with the line breaks of any system', async () => {
  const { input, asking } = desk()
  for (const byte of Buffer.from('sk-é1\r\nsk-2\n\n')) input.write(Buffer.from([byte]))
  expect(await asking).toBe('sk-é1\nsk-2\n')
})

it('askHidden ends at Ctrl-D and at the end of the input, and keeps a line without an end', async () => {
  const first = desk()
  first.input.write('sk-one\u0004')
  expect(await first.asking).toBe('sk-one')
  const second = desk()
  second.input.end('sk-two')
  expect(await second.asking).toBe('sk-two')
})

it('askHidden erases what was typed wrong', async () => {
  const { input, asking } = desk()
  input.write('sk-onx\u007fe\u0004')
  expect(await asking).toBe('sk-one')
})

it('askHidden rejects at Ctrl-C, and leaves the terminal as it was', async () => {
  const { input, raw, written, asking } = desk()
  input.write('sk-half\u0003')
  await expect(asking).rejects.toMatchObject({ name: 'AbortError' })
  expect(raw).toEqual([true, false])
  expect(written).toEqual(['Keys: ', '\n'])
})
