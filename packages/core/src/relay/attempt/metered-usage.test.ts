import { describe, expect, it } from 'vitest'
import { siliconflow } from '../../provider/siliconflow.js'
import { noTokens } from '../../usage/usage.js'
import { createCall } from '../request/call.js'
import { meteredUsage } from './metered-usage.js'

const call = (path: string, fields: unknown) => {
  const bytes = Buffer.from(typeof fields === 'string' ? fields : JSON.stringify(fields))
  const headers = ['content-type', 'application/json']
  return createCall({ method: 'POST', path, headers, body: { bytes } }, siliconflow())
}

describe('the metered usage of a call', () => {
  const tokens = { ...noTokens, promptTokens: 3, totalTokens: 3 }

  it('is the usage that the answer reported, on most routes', () => {
    const chat = call('/chat/completions', { model: 'm', input: 'text', n: 3 })
    expect(meteredUsage(tokens, chat, true)).toBe(tokens)
    expect(meteredUsage(null, chat, true)).toBeNull()
  })

  it('counts the bytes of the text that is spoken, also for a speech that broke off', () => {
    const speech = call('/audio/speech', { model: 'm', input: 'ä日😀"\n' })
    expect(meteredUsage(null, speech, true)).toEqual({ ...noTokens, speechBytes: 11 })
    expect(meteredUsage(null, speech, false)).toEqual({ ...noTokens, speechBytes: 11 })
    expect(meteredUsage(null, call('/audio/speech', 'no json'), true)).toEqual({
      ...noTokens,
      speechBytes: 0,
    })
  })

  it('is usage without tokens for a batch that begins, and null for a call that only prepares one', () => {
    const input = { input_file_id: 'file-1' }
    expect(meteredUsage(null, call('/batches', input), true)).toEqual(noTokens)
    expect(meteredUsage(null, call('/batches?x=1', input), true)).toEqual(noTokens)
    expect(meteredUsage(null, call('/batches', input), false)).toBeNull()
    expect(meteredUsage(null, call('/batches/batch_1/cancel', {}), true)).toBeNull()
    expect(meteredUsage(null, call('/files', {}), true)).toBeNull()
  })

  it('counts a video that is accepted, and none for asking about it', () => {
    expect(meteredUsage(null, call('/video/submit', { model: 'm' }), true)).toEqual({
      ...noTokens,
      videos: 1,
    })
    expect(meteredUsage(null, call('/video/submit', { model: 'm' }), false)).toBeNull()
    expect(meteredUsage(null, call('/video/status', { requestId: 'x' }), true)).toBeNull()
  })

  it('counts the images of the answer, or the images asked for when the answer is too large to read', () => {
    const images = (fields: object) => call('/images/generations', { model: 'm', ...fields })
    const reported = { ...noTokens, images: 2 }
    expect(meteredUsage(reported, images({ n: 5 }), true)).toBe(reported)
    expect(meteredUsage(null, images({ n: 5 }), true)).toMatchObject({ images: 5 })
    expect(meteredUsage(null, images({ batch_size: 4 }), true)).toMatchObject({ images: 4 })
    expect(meteredUsage(null, images({}), true)).toMatchObject({ images: 1 })
    expect(meteredUsage(null, images({}), false)).toBeNull()
  })
})
