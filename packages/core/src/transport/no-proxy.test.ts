import { describe, expect, it } from 'vitest'
import { noProxy } from './no-proxy.js'

describe('the list of hosts without a proxy', () => {
  it.each([
    ['*', 'any.example', 443],
    ['example.com', 'example.com', 443],
    ['example.com', 'API.Example.COM', 443],
    ['example.com', 'example.com.', 443],
    ['.example.com', 'api.example.com', 443],
    ['.example.com', 'example.com', 443],
    ['*.example.com', 'api.example.com', 443],
    ['example.com:8080', 'example.com', 8080],
    ['a, ,  example.com ,b', 'example.com', 443],
    ['a example.com', 'example.com', 443],
    ['localhost', 'localhost', 80],
    ['127.0.0.1', '127.0.0.1', 80],
    ['127.0.0.1:8080', '127.0.0.1', 8080],
    ['10.0.0.0/8', '10.200.3.4', 443],
    ['::1', '[::1]', 443],
    ['[::1]', '::1', 443],
    ['[::1]:8080', '[::1]', 8080],
    ['0:0:0:0:0:0:0:1', '[::1]', 443],
    ['fd00::/8', '[fd12::1]', 443],
    ['[fd00::]/8', '[fd12::1]', 443],
  ])('%s exempts %s at port %i', (list, host, port) => {
    expect(noProxy(list)(host, port)).toBe(true)
  })

  it.each([
    ['', 'example.com', 443],
    [',', 'example.com', 443],
    ['.', 'example.com', 443],
    ['example.com', 'badexample.com', 443],
    ['example.com', 'example.com.evil.test', 443],
    ['example.com:8080', 'example.com', 443],
    ['127.0.0.1', '127.0.0.2', 80],
    ['127.0.0.1', 'localhost', 80],
    ['10.0.0.0/8', '11.0.0.1', 443],
    ['10.0.0.0/8', '10.example', 443],
    ['10.0.0.0/99', '10.0.0.1', 443],
    ['999.0.0.0/8', '10.0.0.1', 443],
    ['[::1]:8080', '[::1]', 443],
  ])('%s does not exempt %s at port %i', (list, host, port) => {
    expect(noProxy(list)(host, port)).toBe(false)
  })
})
