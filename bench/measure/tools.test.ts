import { expect, test } from 'vitest'
import { findTool, SkippedError } from './tools.mjs'

test('findTool names a missing program and its Debian package', () => {
  expect(() => findTool('nginx', '/nowhere')).toThrow(SkippedError)
  expect(() => findTool('nginx', '/nowhere')).toThrow(
    'nginx is not installed (Debian: apt-get install nginx-light)',
  )
})
