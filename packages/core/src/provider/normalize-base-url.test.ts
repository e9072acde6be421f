import { describe, expect, it } from 'vitest'
import { normalizeBaseURL } from './normalize-base-url.js'

describe('normalizeBaseURL', () => {
  it.each([
    ['https://api.siliconflow.cn', 'https://api.siliconflow.cn/v1'],
    ['https://api.siliconflow.cn/', 'https://api.siliconflow.cn/v1'],
    ['https://api.siliconflow.cn/v1', 'https://api.siliconflow.cn/v1'],
    ['https://api.siliconflow.cn/v1//', 'https://api.siliconflow.cn/v1'],
    ['HTTP://127.0.0.1:8080/openai/v2/', 'http://127.0.0.1:8080/openai/v2'],
  ])('the base URL %s becomes %s', (given, normalized) => {
    expect(normalizeBaseURL(given)).toBe(normalized)
    expect(normalizeBaseURL(normalized)).toBe(normalized)
  })

  it.each(['', 'api.siliconflow.cn', 'ftp://127.0.0.1', 'file:///etc', 'http://'])(
    '"%s" is refused as a base URL',
    (given) => {
      expect(() => normalizeBaseURL(given)).toThrow('baseURL must be an http or https URL')
    },
  )

  it.each([
    'https://user:hunter2@127.0.0.1/v1',
    'https://127.0.0.1/v1?hunter2',
    'https://127.0.0.1/v1#hunter2',
  ])('the base URL %s may hold a secret and is refused without repeating it', (given) => {
    expect(() => normalizeBaseURL(given)).toThrow(/neither credentials.*received "https:\/\/127\.0\.0\.1"$/)
  })
})
