import { describe, expect, it } from 'vitest'
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
    ['//other.example/v1/models', '//other.example/v1/models'],
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
    '/v1/..#x',
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
    ['/v1beta/models', '/v1beta/models'],
    ['/v10/models', '/v10/models'],
    ['/v1', '/'],
    ['/v1/', '/'],
    ['/v1?x=1', '/?x=1'],
    ['/api/proxy', '/'],
    ['/api/proxyfoo', '/api/proxyfoo'],
    ['/api/other', '/api/other'],
    ['/v1/files/', '/files/'],
    ['/v1//models', '//models'],
    ['//v1/models', '//v1/models'],
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

describe('the path without its query', () => {
  it('the path without its query ends at the first question mark', () => {
    expect(pathnameOf('/a?b?c')).toBe('/a')
    expect(pathnameOf('/a')).toBe('/a')
  })
})
