import { describe, expect, it } from 'vitest'
import { KeyPool } from '../pool.js'
import { recognizeProvider } from './recognize-provider.js'

describe('a provider is recognized by the host of its address', () => {
  it.each([
    ['https://api.siliconflow.cn/v1', { name: 'siliconflow', site: 'cn' }],
    ['https://API.SiliconFlow.COM', { name: 'siliconflow', site: 'com' }],
    ['https://api-st.siliconflow.cn/v1', { name: 'siliconflow', site: 'cn' }],
    ['https://api.openai.com/v1', { name: 'openai' }],
    ['https://eu.api.openai.com/v1', { name: 'openai' }],
    ['https://api.deepseek.com', { name: 'deepseek' }],
    ['https://api.deepseek.com./beta', { name: 'deepseek' }],
    ['http://127.0.0.1:3900', { name: 'siliconflow' }],
    ['http://localhost:3900/v1', { name: 'siliconflow' }],
    ['http://[::1]:3900', { name: 'siliconflow' }],
    ['https://api.x.ai/v1', { name: 'generic' }],
    ['https://openrouter.ai/api/v1', { name: 'generic' }],
    ['http://192.168.1.5:11434/v1', { name: 'generic' }],
    // A host that only looks alike.
    ['https://api.openai.com.example/v1', { name: 'generic' }],
    ['https://notopenai.com/v1', { name: 'generic' }],
    ['https://siliconflow.cn.example', { name: 'generic' }],
    ['https://x.example/api.openai.com', { name: 'generic' }],
    ['no address', { name: 'generic' }],
  ])('%s', (baseURL, expected) => {
    expect(recognizeProvider(baseURL)).toEqual(expected)
  })
})

describe('a pool with an address and no provider', () => {
  const currencyOf = async (options: ConstructorParameters<typeof KeyPool>[0]) => {
    const pool = new KeyPool({ keys: ['sk-fake-one'], ...options })
    await pool.ready
    const [key] = pool.keys.list()
    await pool.close()
    return [pool.baseURL, key?.site, key?.balance.currency]
  }

  it('has the facts of the provider whose address it is', async () => {
    expect(await currencyOf({ baseURL: 'https://api.siliconflow.com' })).toEqual([
      'https://api.siliconflow.com/v1',
      'com',
      'USD',
    ])
    expect(await currencyOf({ baseURL: 'https://api.openai.com/v1' })).toEqual([
      'https://api.openai.com/v1',
      'default',
      'USD',
    ])
    expect(await currencyOf({ baseURL: 'https://api.deepseek.com' })).toEqual([
      'https://api.deepseek.com',
      'default',
      'CNY',
    ])
  })

  it('is SiliconFlow’s when a site is named, or the provider', async () => {
    const baseURL = 'https://relay.example/v1'
    expect((await currencyOf({ baseURL, site: 'com' }))[1]).toBe('com')
    expect((await currencyOf({ baseURL, provider: 'siliconflow' }))[1]).toBe('cn')
    expect((await currencyOf({ baseURL }))[1]).toBe('default')
  })
})
