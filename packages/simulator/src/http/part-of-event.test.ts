import { expect, test } from 'vitest'
import type { Fault } from '../faults/fault.js'
import { ask, hello } from '../testing/ask.js'
import { rawExchange } from '../testing/raw-exchange.js'
import { running } from '../testing/running.js'

const stream = { model: 'Qwen/Qwen2.5-72B-Instruct', messages: hello, stream: true }
const place = { afterEvents: 2, within: 'event' } as const
const breaks: [fault: Fault, ending: string][] = [
  [{ kind: 'reset', at: 'mid-body', ...place }, 'ECONNRESET'],
  [{ kind: 'close', at: 'mid-body', ...place }, 'end'],
  [{ kind: 'hang', at: 'mid-body', ...place }, 'open'],
  [{ kind: 'truncate', ...place }, 'end'],
]

test.each(breaks)('a stream breaks off inside an event with the fault %j', async (fault, expected) => {
  const { sim, key } = await running()
  sim.faults.add({ fault })
  const { bytes, ending } = await rawExchange({ port: sim.sites.cn.port, key, body: stream })
  const text = bytes.toString('latin1')
  expect(text.match(/data: \{[^\n]*\}\n\n/g)).toHaveLength(2)
  expect(text.match(/data: /g)).toHaveLength(3)
  expect(ending).toBe(expected)
})

test('a stream that breaks off inside a character sends the events before it', async () => {
  const { sim, url, key } = await running({ settings: { recordedResponseBytes: 1_000_000 } })
  sim.faults.add({ fault: { kind: 'truncate', afterEvents: 1, within: 'character' } })
  const body = { ...stream, metadata: { sim_text: 'abcdefgh你好' } }
  const { text } = await ask(`${url}/chat/completions`, { key, body })
  expect(text).toContain('"content":"abc')
  expect(text.endsWith('\ufffd')).toBe(true)
  expect(sim.requests[0]?.responseBody.at(-1)).toBe(Buffer.from('你')[0])
})
