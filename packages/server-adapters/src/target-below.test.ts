import { expect, it } from 'vitest'
import { targetBelow } from './target-below.js'

it.each([
  ['/llm', '/llm/v1/models?x=/llm', '/v1/models?x=/llm'],
  ['/llm/', '/llm/v1/models', '/v1/models'],
  ['/llm', '/llm', '/'],
  ['/llm', '/llm/', '/'],
  ['/llm', '/llm?x=1', '/?x=1'],
  ['/llm', '/llm#x', '/#x'],
  ['/api/llm', '/api/llm/v1', '/v1'],
  ['/:tenant/llm', '/acme/llm/v1/x', '/v1/x'],
  ['/llm', '/%6clm/v1/x', '/v1/x'],
  ['/llm', '/llm//v1', '//v1'],
  ['/llm', '//llm/v1', '/v1'],
  ['', '/v1/models', '/v1/models'],
  ['/', '/v1/models', '/v1/models'],
  ['/llm', 'http://app.example/llm/v1?x', '/v1?x'],
  ['', 'http://app.example', '/'],
  ['/llm', '*', '/*'],
])('the target below mount %j of %j is %j', (mount, target, expected) => {
  expect(targetBelow(mount, target)).toBe(expected)
})
