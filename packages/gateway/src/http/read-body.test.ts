import { PassThrough, type Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { ByteBudget, KeyPoolError, systemRuntime } from '@sfpool/core'
import { describe, expect, it } from 'vitest'
import { type BodyLimits, type BodyResult, readBody, type StreamedBody } from './read-body.js'
import { StallWatch } from './stall-watch.js'

const limitsOf = (given: Partial<BodyLimits>): BodyLimits => ({
  maxBody: 100,
  replayLimit: 10,
  buffers: new ByteBudget(1_000_000),
  watch: new StallWatch(0, systemRuntime),
  minRate: 0,
  ...given,
})
const limits = limitsOf({})

const read = (stream: Readable, given = limits) =>
  new Promise<BodyResult>((resolve) => readBody(stream, given, resolve))

async function streamed(pending: Promise<BodyResult>): Promise<StreamedBody> {
  const result = await pending
  if (result.kind !== 'streamed') throw new Error(`the body was ${result.kind}`)
  return result.body
}

async function failure(pending: Promise<BodyResult>): Promise<KeyPoolError> {
  const result = await pending
  if (result.kind !== 'failed') throw new Error(`the body was ${result.kind}`)
  return result.error
}

function sent(...chunks: string[]): PassThrough {
  const stream = new PassThrough()
  for (const chunk of chunks) stream.write(chunk)
  stream.end()
  return stream
}

describe('a body up to the replay limit', () => {
  it('a body up to the replay limit is read into one array of bytes', async () => {
    expect(await read(sent('hello', 'world'))).toEqual({
      kind: 'buffered',
      body: { bytes: Buffer.from('helloworld') },
      held: 10,
    })
  })

  it('an empty body is read as null', async () => {
    expect(await read(sent())).toEqual({ kind: 'buffered', body: null, held: 0 })
  })
})

describe('a body above the replay limit', () => {
  it('a body above the replay limit is split into what has arrived and a stream of the rest', async () => {
    const body = await streamed(read(sent('0123456', '789abc', 'def')))
    expect(Buffer.from(body.head).toString()).toBe('0123456789abc')
    expect((await buffer(body.stream)).toString()).toBe('def')
  })

  it('a streamed body fails when the client leaves in the middle', async () => {
    const client = new PassThrough()
    const pending = read(client)
    client.write('0123456789abc')
    const body = await streamed(pending)
    client.destroy()
    await expect(buffer(body.stream)).rejects.toMatchObject({ code: 'request_aborted' })
  })

  it('a streamed body does not run ahead of a slow reader', async () => {
    const client = new PassThrough({ highWaterMark: 1024 })
    const pending = read(client, limitsOf({ maxBody: 2 ** 30 }))
    let written = 0
    while (client.write(Buffer.alloc(1024)) || written < 2) written++
    await pending
    let more = 0
    for (let round = 0; round < 50; round++) {
      while (more < 10_000 && client.write(Buffer.alloc(1024))) more++
      await new Promise(setImmediate)
    }
    expect(more).toBeLessThan(200)
  })
})

describe('a body above the limit', () => {
  it('a body above the limit is refused at the first byte too many, even when it trickles in', async () => {
    const client = new PassThrough()
    const pending = read(client, limitsOf({ maxBody: 20, replayLimit: 1000 }))
    for (let byte = 0; byte < 21; byte++) client.write('x')
    const refused = await failure(pending)
    expect(refused).toBeInstanceOf(KeyPoolError)
    expect(refused).toMatchObject({ code: 'body_too_large', status: 413 })
    expect(client.isPaused()).toBe(true)
  })

  it('a streamed body fails when it turns out to be above the limit', async () => {
    const body = await streamed(read(sent('0123456789a', 'x'.repeat(100)), limits))
    await expect(buffer(body.stream)).rejects.toMatchObject({ code: 'body_too_large' })
  })
})

it('a body whose client leaves before the end fails instead of being read as empty', async () => {
  const client = new PassThrough()
  const pending = read(client)
  client.write('abc')
  client.destroy(new Error('connection reset'))
  expect(await failure(pending)).toMatchObject({ code: 'request_aborted', status: 499 })
})

it('a stream error after the end does not become an uncaught exception', async () => {
  const client = sent('abc')
  await read(client)
  expect(() => client.emit('error', new Error('late'))).not.toThrow()
})

describe('the memory that bodies are counted in', () => {
  const large = (buffers: ByteBudget): BodyLimits =>
    limitsOf({ maxBody: 2 ** 30, replayLimit: 2 ** 24, buffers })

  it('the bytes of a body are counted exactly as they come, also when they come one by one', async () => {
    const buffers = new ByteBudget(1_000_000)
    const client = new PassThrough()
    const pending = read(client, large(buffers))
    for (let count = 0; count < 5_000; count++) client.write('x')
    client.write(Buffer.alloc(30_000))
    for (let count = 0; count < 100; count++) client.write('y')
    // What small pieces are copied into is counted whole while it is filled: one block of 16 KB.
    expect(buffers.used).toBeGreaterThanOrEqual(35_100)
    expect(buffers.used).toBeLessThan(35_100 + 16_384)
    client.end()
    expect(await pending).toMatchObject({ kind: 'buffered', held: 35_100 })
    expect(buffers.used).toBe(35_100)
  })

  it('a body that finds no room to be kept is passed on as it comes, and its head alone is counted', async () => {
    const buffers = new ByteBudget(200_000)
    const client = new PassThrough()
    const pending = read(client, large(buffers))
    for (let count = 0; count < 11; count++) client.write(Buffer.alloc(15_000, count))
    client.end('end')
    const body = await streamed(pending)
    expect(body.head.length).toBe(165_000)
    expect(buffers.used).toBe(165_000)
    expect((await buffer(body.stream)).toString()).toBe('end')
  })

  it('a small body is kept while large ones fill the memory, and is refused when all of it is taken', async () => {
    const buffers = new ByteBudget(100_000)
    buffers.take(80_000)
    expect(await read(sent('hello'), large(buffers))).toMatchObject({ kind: 'buffered', held: 5 })
    buffers.takeReserved(19_995)
    const refused = await failure(read(sent('hello'), large(buffers)))
    expect(refused).toMatchObject({ code: 'overloaded', status: 503, retryAfterMs: 2_000 })
    expect(buffers.used).toBe(100_000)
  })

  it.each([
    ['leaves', (client: PassThrough) => client.destroy()],
    ['breaks off', (client: PassThrough) => client.destroy(new Error('connection reset'))],
    ['sends too much', (client: PassThrough) => client.write(Buffer.alloc(2 ** 20))],
  ])('the memory of a body is given back when its client %s', async (_, act) => {
    const buffers = new ByteBudget(10 ** 7)
    const client = new PassThrough()
    const pending = read(client, { ...large(buffers), maxBody: 2 ** 20 })
    client.write(Buffer.alloc(50_000))
    expect(buffers.used).toBe(50_000)
    act(client)
    await failure(pending)
    expect(buffers.used).toBe(0)
  })
})

describe('a body that is larger than the memory for all bodies', () => {
  it('is refused for good, because it would find no room alone either', async () => {
    const given = limitsOf({ maxBody: 1_000, replayLimit: 1_000, buffers: new ByteBudget(100) })
    const error = await failure(read(sent('x'.repeat(200)), given))
    expect([error.code, error.retryAfterMs]).toEqual(['body_too_large', undefined])
    expect(error.message).toContain('bufferBudget')
    expect(given.buffers.used).toBe(0)
  })

  it('and one that would fit if others left is told to come again', async () => {
    const given = limitsOf({ maxBody: 1_000, replayLimit: 1_000, buffers: new ByteBudget(100) })
    given.buffers.takeReserved(60)
    const error = await failure(read(sent('x'.repeat(50)), given))
    expect([error.code, error.retryAfterMs]).toEqual(['overloaded', 2_000])
  })
})

describe('a body that comes too slowly', () => {
  /** A watch whose time a test moves, a second at a time, while the client sends a piece in each. */
  function slowClient(bytesPerSecond: number, replayLimit: number) {
    let now = 0
    let look = (): void => {}
    const runtime = {
      monotonic: () => now,
      setTimer: (run: () => void) => {
        look = run
        return {}
      },
    }
    const client = new PassThrough()
    const watch = new StallWatch(60_000, runtime)
    const result = read(client, limitsOf({ maxBody: 1_000_000, replayLimit, watch, minRate: 512 }))
    const sendFor = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second++) {
        client.write(Buffer.alloc(bytesPerSecond))
        await new Promise(setImmediate)
        now += 1_000
        if (now % 15_000 === 0) look()
      }
    }
    return { client, result, sendFor }
  }

  it('is refused although a byte comes in every second, and the refusal tells which options rule it', async () => {
    const { result, sendFor } = slowClient(1, 1_000_000)
    await sendFor(90)
    const { code, message } = await failure(result)
    expect(code).toBe('request_timeout')
    expect(message).toMatch(/^Less than 30720 bytes .* 60000 ms.* bodyTimeoutMs, .* bodyMinRate\.$/)
  })

  it('ends while it is passed on, too', async () => {
    const { result, sendFor } = slowClient(1, 10)
    await sendFor(11)
    const { stream } = await streamed(result)
    const ended = new Promise<Error>((resolve) => stream.on('error', resolve))
    stream.resume()
    await sendFor(90)
    expect(await ended).toMatchObject({ code: 'request_timeout' })
  })

  it('is read whole however long it takes when it keeps to the rate', async () => {
    const { client, result, sendFor } = slowClient(600, 1_000_000)
    await sendFor(600)
    client.end()
    expect(await result).toMatchObject({ kind: 'buffered', held: 360_000 })
  })
})
