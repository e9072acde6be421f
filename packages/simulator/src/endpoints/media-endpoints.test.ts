import { expect, test } from 'vitest'
import { ask, send } from '../testing/ask.js'
import { createManualClock } from '../testing/manual-clock.js'
import { running } from '../testing/running.js'

const cosy = 'FunAudioLLM/CosyVoice2-0.5B'

test('a generated image can be fetched without a key for an hour', async () => {
  const clock = createManualClock()
  const { sim, url, key } = await running({}, clock)
  const body = { model: 'Qwen/Qwen-Image', prompt: 'a cat', image_size: '512x256', seed: 7 }
  const { json } = await ask(`${url}/images/generations`, { key, body })
  expect(json).toMatchObject({
    seed: 7,
    timings: { inference: expect.any(Number) },
    images: [{}],
    data: [{}],
  })
  const [image] = (json as { images: { url: string }[] }).images
  const fetched = await fetch(image?.url ?? '')
  const bytes = Buffer.from(await fetched.arrayBuffer())
  expect([fetched.status, fetched.headers.get('content-type')]).toEqual([200, 'image/png'])
  expect(bytes.subarray(1, 4).toString()).toBe('PNG')
  expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([512, 256])
  clock.advance(3_600_001)
  expect((await fetch(image?.url ?? '')).status).toBe(403)
  expect(sim.accounts.get('account-1')?.ledger[0]).toMatchObject({ usage: { images: 1 }, cost: '0.30' })
})

test('an image-to-image model requires an image', async () => {
  const { url, key } = await running()
  const body = { model: 'Qwen/Qwen-Image-Edit', prompt: 'x' }
  expect((await ask(`${url}/images/generations`, { key, body })).status).toBe(400)
  const edited = await ask(`${url}/images/generations`, {
    key,
    body: { ...body, image: 'data:image/png;base64,AA==' },
  })
  expect(edited.status).toBe(200)
})

test('the old path that contains the model still generates images', async () => {
  const { sim, url, key } = await running()
  const answer = await ask(`${url}/Kwai-Kolors/Kolors/text-to-image`, { key, body: { prompt: 'x' } })
  expect(answer.status).toBe(200)
  expect(sim.requests[0]?.model).toBe('Kwai-Kolors/Kolors')
})

test('a video passes from the queue to its address, for its own account only', async () => {
  const clock = createManualClock()
  const { url, keys, sim } = await running({ accounts: 2, keysPerAccount: 2 }, clock)
  const [key, sibling, stranger] = keys
  const body = { model: 'Wan-AI/Wan2.2-T2V-A14B', prompt: 'waves', image_size: '1280x720' }
  const submitted = (await ask(`${url}/video/submit`, { key, body })).json as { requestId: string }
  const status = async (asking: string | undefined): Promise<unknown> =>
    (await ask(`${url}/video/status`, { key: asking, body: submitted })).json
  expect(await status(key)).toMatchObject({ status: 'InQueue' })
  clock.advance(1000)
  expect(await status(sibling)).toMatchObject({ status: 'InProgress' })
  clock.advance(3000)
  const done = (await status(key)) as { status: string; results: { videos: { url: string }[] } }
  expect(done.status).toBe('Succeed')
  const video = await fetch(done.results.videos[0]?.url ?? '')
  expect([video.status, video.headers.get('content-type')]).toEqual([200, 'video/mp4'])
  expect(await status(stranger)).toMatchObject({ code: 20_063 })
  expect(sim.accounts.get('account-1')?.ledger[0]?.cost).toBe('2.00')
})

test('the address of a video works for an hour after its completion', async () => {
  const clock = createManualClock()
  const { url, key } = await running({}, clock)
  const body = { model: 'Wan-AI/Wan2.2-T2V-A14B', prompt: 'waves' }
  const submitted = (await ask(`${url}/video/submit`, { key, body })).json
  clock.advance(4000 + 3_600_001)
  const { json } = await ask(`${url}/video/status`, { key, body: submitted })
  const [video] = (json as { results: { videos: { url: string }[] } }).results.videos
  expect((await fetch(video?.url ?? '')).status).toBe(403)
})

test('a failed video costs nothing', async () => {
  const clock = createManualClock()
  const { sim, url, key } = await running({}, clock)
  sim.faults.add({ fault: { kind: 'failed-video', reason: 'No waves today.' }, times: 1 })
  const body = { model: 'Wan-AI/Wan2.2-T2V-A14B', prompt: 'waves' }
  const submitted = (await ask(`${url}/video/submit`, { key, body })).json
  const status = async (): Promise<unknown> =>
    (await ask(`${url}/video/status`, { key, body: submitted })).json
  expect(await status()).toMatchObject({ status: 'InQueue' })
  clock.advance(4000)
  expect(await status()).toEqual({ status: 'Failed', reason: 'No waves today.', results: null })
  expect(sim.accounts.get('account-1')?.ledger).toEqual([])
})

test.each([
  ['mp3', 'audio/mpeg', 'ID3'],
  ['opus', 'audio/opus', 'OggS'],
  ['wav', 'audio/wav', 'RIFF'],
  ['pcm', 'audio/pcm', ''],
])('speech in %s is binary, chunked and always the same', async (format, type, magic) => {
  const { sim, url, key } = await running()
  const body = {
    model: cosy,
    input: '你好，世界。'.repeat(20),
    voice: `${cosy}:alex`,
    response_format: format,
  }
  const speak = async (extra: object): Promise<[Response, Buffer]> => {
    const response = await send(`${url}/audio/speech`, { key, body: { ...body, ...extra } })
    return [response, Buffer.from(await response.arrayBuffer())]
  }
  const [streamed, sound] = await speak({})
  expect([streamed.status, streamed.headers.get('content-type')]).toEqual([200, type])
  expect(streamed.headers.get('content-length')).toBeNull()
  expect(sound.subarray(0, magic.length).toString('latin1')).toBe(magic)
  const [whole, same] = await speak({ stream: false })
  expect(Number(whole.headers.get('content-length'))).toBe(sound.length)
  expect(same.equals(sound)).toBe(true)
  expect(sim.requests[0]?.eventCount).toBeGreaterThan(1)
  expect(sim.accounts.get('account-1')?.ledger.map(({ usage, cost }) => [usage.bytes, cost])).toEqual([
    [360, '0.018'],
    [360, '0.018'],
  ])
})

test('a refused speech request is answered in JSON', async () => {
  const { url, key } = await running()
  const body = { model: cosy, input: 'x', voice: `${cosy}:alex` }
  for (const odd of [
    { speed: 9 },
    { gain: 11 },
    { response_format: 'flac' },
    { sample_rate: 1 },
    { voice: '' },
  ]) {
    const answer = await ask(`${url}/audio/speech`, { key, body: { ...body, ...odd } })
    expect([answer.status, answer.json]).toEqual([400, expect.objectContaining({ code: 20_015 })])
  }
})

function form(fields: Record<string, string | Blob>): FormData {
  const made = new FormData()
  for (const [name, value] of Object.entries(fields)) made.append(name, value)
  return made
}

test('a recording always has the same transcription', async () => {
  const { sim, url, key } = await running()
  const fields = { model: 'FunAudioLLM/SenseVoiceSmall', file: new Blob([Buffer.from('RIFFsound')]) }
  const first = await ask(`${url}/audio/transcriptions`, { key, form: form(fields) })
  const second = await ask(`${url}/audio/transcriptions`, { key, form: form(fields) })
  expect(first.json).toEqual({ text: expect.stringMatching(/./) })
  expect(second.json).toEqual(first.json)
  expect(sim.requests[0]?.model).toBe('FunAudioLLM/SenseVoiceSmall')
  const empty = await ask(`${url}/audio/transcriptions`, { key, form: form({ model: fields.model }) })
  expect(empty).toMatchObject({ status: 400, json: { message: 'Field required' } })
})

test('voices belong to the account that uploaded them, by form or by JSON', async () => {
  const { url, keys } = await running({ accounts: 2 })
  const [key, stranger] = keys
  const facts = { model: cosy, customName: 'my-voice', text: 'hello' }
  const byForm = await ask(`${url}/uploads/audio/voice`, {
    key,
    form: form({ ...facts, file: new Blob(['sound']) }),
  })
  const audio = 'data:audio/mpeg;base64,AAAA'
  const byJson = await ask(`${url}/uploads/audio/voice`, { key, body: { ...facts, audio } })
  const { uri } = byForm.json as { uri: string }
  expect(uri).toMatch(/^speech:my-voice:account-1:[a-z0-9]{20}$/)
  expect(byJson.json).toEqual({ uri: expect.stringMatching(/^speech:/) })
  const listed = await ask(`${url}/audio/voice/list`, { key })
  expect((listed.json as { results: unknown[] }).results).toHaveLength(2)
  expect((await ask(`${url}/audio/voice/list`, { key: stranger })).json).toEqual({ results: [] })
  const speak = { model: cosy, input: 'x', voice: uri }
  expect((await ask(`${url}/audio/speech`, { key, body: speak })).status).toBe(200)
  expect(await ask(`${url}/audio/speech`, { key: stranger, body: speak })).toMatchObject({
    status: 400,
    json: { code: 20_047 },
  })
  expect((await ask(`${url}/audio/voice/deletions`, { key: stranger, body: { uri } })).status).toBe(400)
  expect((await ask(`${url}/audio/voice/deletions`, { key, body: { uri } })).status).toBe(200)
  expect((await ask(`${url}/audio/voice/deletions`, { key, body: { uri } })).status).toBe(400)
})

test('an unverified account cannot upload voices', async () => {
  const { url, key } = await running({ status: 'unverified' })
  const body = { model: cosy, customName: 'v', text: 't', audio: 'data:audio/mpeg;base64,AAAA' }
  expect(await ask(`${url}/uploads/audio/voice`, { key, body })).toMatchObject({
    status: 403,
    json: { code: 20_051 },
  })
})
