import { describe, expect, it } from 'vitest'
import { generic } from './generic.js'

describe('generic', () => {
  it('the base URL of a generic API is completed', () => {
    expect(generic('http://127.0.0.1:8000').sites).toEqual({ default: 'http://127.0.0.1:8000/v1' })
    expect(generic('http://127.0.0.1:8000/openai/').sites).toEqual({
      default: 'http://127.0.0.1:8000/openai',
    })
  })

  it('a generic API is refused without a valid base URL', () => {
    expect(() => generic('127.0.0.1:8000')).toThrow(/^baseURL must be an http or https URL; received/)
    expect(() => generic('https://example.test/v1?key=1')).toThrow('neither credentials, query nor fragment')
  })
})
