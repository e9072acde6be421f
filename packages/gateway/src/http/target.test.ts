import { describe, expect, it } from 'vitest'
import { knownPaths } from './known-paths.js'
import { pathnameOf, pathOf, upstreamPath } from './target.js'

describe('the path of a request target', () => {
  it.each([
    ['/v1/models', '/v1/models'],
    ['/v1/models?type=text&x=%2F..', '/v1/models?type=text&x=%2F..'],
    ['/', '/'],
    ['/?x=1', '/?x=1'],
    ['/v1/models/Qwen%2FQwen3-8B', '/v1/models/Qwen%2FQwen3-8B'],
    ['/v1/models/Qwen/Qwen2.5-7B', '/v1/models/Qwen/Qwen2.5-7B'],
    ['/v1/files/a..b', '/v1/files/a..b'],
    ['/v1/...', '/v1/...'],
    ['/v1/models#top', '/v1/models'],
    ['http://other.example/v1/models?x=1', '/v1/models?x=1'],
    ['HTTPS://user@other.example:8443', '/'],
    ['http://other.example?x=1', '/?x=1'],
    ['/v1/\u00ff\u00fe', '/v1/\u00ff\u00fe'],
    ['//other.example/v1/models', '/other.example/v1/models'],
    ['//v1/chat//completions/', '/v1/chat/completions'],
    ['/v1///models//?x=//y/', '/v1/models?x=//y/'],
    ['http://other.example//v1/models/', '/v1/models'],
    ['//', '/'],
    ['//?x', '/?x'],
    ['/v1/%63hat/completion%73', '/v1/chat/completions'],
    ['/%76%31/models', '/v1/models'],
    ['/v1/files/a%2Fb%20%e4%ff', '/v1/files/a%2Fb%20%e4%ff'],
    ['/v1/%63%zz', '/v1/%63%zz'],
    ['/v1/files/a%20b%3fc%23d', '/v1/files/a%20b%3fc%23d'],
    ['/v1/files?q=%00%0a', '/v1/files?q=%00%0a'],
    ['/v1/%E6%96%87', '/v1/%E6%96%87'],
    ['/v1/%e0%a4%b9%f0%9f%8c%a4%c3%a9', '/v1/%e0%a4%b9%f0%9f%8c%a4%c3%a9'],
  ])('the path of the target %s is %s', (target, path) => {
    expect(pathOf(target, '')).toBe(path)
  })

  it.each([
    '/v1/..',
    '/v1/../admin',
    '/v1/./models',
    '/..',
    '/v1/%2e%2e/admin',
    '/v1/.%2E/admin',
    '/v1/%252e%252e/admin',
    '/v1/..%2fadmin',
    '/v1/a%2F..%2Fadmin',
    '/v1/a%252f..%252fadmin',
    '/v1/..\\admin',
    '/v1/..%5cadmin',
    '/v1/..;/admin',
    '/v1/..%3b/admin',
    '/v1/..?x=1',
    '/v1/%25%32%65%2e/admin',
    '/v1/%25%32%65%25%32%65/admin',
    '//..//admin',
    '/v1/..#x',
    '/v1/.%09./admin',
    '/v1/..%00/admin',
    '/v1/..%0d%0a/admin',
    '/v1/%2e%00%2e/admin',
    '/v1/files/a%1bb',
    '/v1/files/a%2500b',
    '/v1/files/a%7f',
    '/v1/..%20/admin',
    '/v1/%u002e%u002e/admin',
    '/v1/files/..%c1%9cadmin',
    '/v1/files/%e0%80%ae./admin',
    '/v1/files/..%f0%80%80%af',
    '/v1/files/..%25e0%2580%25af',
    '/v1/%25u002e./admin',
    '/v1/..%3f/admin',
    '/v1/..%23/admin',
    '/v1/..%c0%af/admin',
    '/v1/%c0%ae%c0%ae/admin',
    'http://other.example/../admin',
    '*',
    'other.example:443',
    'ftp://other.example/x',
    '',
  ])('a target that is not a safe path is refused: %j', (target) => {
    expect(pathOf(target, '')).toBeUndefined()
  })

  it('the path of a target is taken below the base path, by whole segments', () => {
    expect(pathOf('/llm/v1/models?x', '/llm')).toBe('/v1/models?x')
    expect(pathOf('/llm', '/llm')).toBe('/')
    expect(pathOf('/llm?x=1', '/llm')).toBe('/?x=1')
    expect(pathOf('/llm/', '/llm')).toBe('/')
    expect(pathOf('/llmx/v1', '/llm')).toBeUndefined()
    expect(pathOf('/v1/models', '/llm')).toBeUndefined()
    expect(pathOf('http://other.example/llm/v1/models', '/llm')).toBe('/v1/models')
    expect(pathOf('//llm//v1/models/', '/llm')).toBe('/v1/models')
  })
})

describe('the path below the upstream', () => {
  it.each([
    ['/v1/chat/completions', '/chat/completions'],
    ['/chat/completions', '/chat/completions'],
    ['/api/proxy/v1/chat/completions', '/chat/completions'],
    ['/api/proxy/chat/completions', '/chat/completions'],
    ['/v1/v1/chat/completions', '/chat/completions'],
    ['/v1/images/generations', '/images/generations'],
    ['/v1/audio/transcriptions', '/audio/transcriptions'],
    ['/user/info', '/user/info'],
    ['/v1/completions', '/completions'],
    ['/v1/models?type=text&sub_type=chat', '/models?type=text&sub_type=chat'],
    ['/models?x=/v1/y', '/models?x=/v1/y'],
    ['/v1', '/'],
    ['/v1/', '/'],
    ['/v1?x=1', '/?x=1'],
    ['/api/proxy', '/'],
    ['/v1/anything/at/all', '/anything/at/all'],
    ['/api/proxy/anything', '/anything'],
    ['/v1/api/proxy/x', '/api/proxy/x'],
    ['/v1/chat/completions/v1', '/chat/completions/v1'],
  ])('the path below the upstream of %s is %s', (path, expected) => {
    expect(upstreamPath(path)).toBe(expected)
  })

  it('a target that climbs to a parent folder is refused, whatever its form', () => {
    for (const target of ['/v1/../x', '/v1/%2e%2e%2fx', '/api/proxy/../../x', 'http://a/v1/..']) {
      expect(pathOf(target, '')).toBeUndefined()
    }
  })
})

describe("paths that are not the upstream's", () => {
  it.each([
    ...[
      '/',
      '/favicon.ico',
      '/robots.txt',
      '/.env',
      '/.git/config',
      '/wp-login.php',
      '/metrics',
      '/keys',
      '/index.html',
    ],
    ...[
      '/api/manage/api-keys',
      '/api/proxyfoo',
      '/api/other',
      '/api',
      '/api/tags',
      '/v1beta/models',
      '/v10/models',
    ],
    ...[
      '/v2/chat/completions',
      '/V1/models',
      '/chat',
      '/chat/',
      '/chat/completions.php',
      '/chat/completions/a/b',
    ],
    ...[
      '/model',
      '/modelsx',
      '/user',
      '/user/login',
      '/user/info/x',
      '/audio',
      '/video',
      '/images',
      '/login',
    ],
    ...['/openai/v1/models', '/x/v1/models', '/organization/admin_api_keys', '/constructor', '/__proto__/x'],
    ...['/messages/x', '/audio/voice', '/uploads/audio/voice/x', '/files/a/content/b'],
  ])('the path %s is not sent to the upstream', (path) => {
    expect(upstreamPath(pathOf(path, '') ?? '')).toBeUndefined()
  })
})

describe('the spellings of a path', () => {
  /** The same numbers for the same seed (mulberry32). */
  const random = (seed: number) => (): number => {
    seed = (seed + 0x6d2b79f5) | 0
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  it('every documented path is recognised in every spelling: prefixes, slashes, encoded letters, queries', () => {
    const next = random(11)
    const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(next() * items.length)] as Item
    const prefixes = ['', '/v1', '/v1/v1', '/api/proxy', '/api/proxy/v1', '/v1/v1/v1', '/api/proxy/v1/v1']
    const encoded = (letter: string): string =>
      next() < 0.1 ? `%${letter.charCodeAt(0).toString(16)}` : letter
    for (const path of knownPaths) {
      const meant = path.replaceAll('{}', 'id-1_x').replace('{+}', 'Qwen/Qwen3-8B')
      for (let round = 0; round < 50; round++) {
        const slashed = `${pick(prefixes)}${meant}`.replaceAll('/', () =>
          '/'.repeat(1 + Math.floor(next() * 2)),
        )
        const spelled =
          slashed.replace(/[a-z0-9_-]/gi, encoded) + pick(['', '/', '//', '?a=//b/', '/?v1=/v1'])
        const [, query = ''] = /(\?.*)$/.exec(spelled) ?? []
        expect(upstreamPath(pathOf(spelled, '') ?? ''), spelled).toBe(meant + query)
      }
    }
  })

  it('a path of any characters is taken or refused, never throws, and is clean once cleaned', () => {
    const next = random(12)
    const parts = [
      '/',
      '//',
      '.',
      '..',
      '%2e',
      '%25',
      '%',
      '%2f',
      '\\\\',
      'v1',
      'chat',
      'completions',
      '?',
      '#',
      ';',
      'é',
      '*',
      '%00',
    ]
    for (let round = 0; round < 20_000; round++) {
      let target = next() < 0.9 ? '/' : ''
      for (let count = Math.floor(next() * 8); count >= 0; count--) {
        target += parts[Math.floor(next() * parts.length)]
      }
      const path = pathOf(target, '')
      if (path === undefined) continue
      expect(pathOf(path, ''), target).toBe(path)
      const pathname = pathnameOf(path)
      expect(pathname, target).toMatch(/^\/(?!\/)/)
      expect(pathname, target).not.toMatch(/\/\/|.\/$|(?:^|\/)\.\.?(?:\/|$)/)
      const relayed = upstreamPath(path)
      if (relayed !== undefined)
        expect(pathname, target).toMatch(/^\/(?:v1|api\/proxy|chat\/completions|completions)(?:\/|$)/)
    }
  })

  it('a path of a megabyte is cleaned in linear time', () => {
    for (const part of ['/', '%', '%2', '%61', '/.', './', '%25']) {
      const startedAt = performance.now()
      pathOf(`/v1/${part.repeat(1_000_000 / part.length)}`, '')
      expect(performance.now() - startedAt).toBeLessThan(2000)
    }
  })
})

describe('the path without its query', () => {
  it('the path without its query ends at the first question mark', () => {
    expect(pathnameOf('/a?b?c')).toBe('/a')
    expect(pathnameOf('/a')).toBe('/a')
  })
})
