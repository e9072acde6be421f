import { expect, test } from 'vitest'
import { findTool, SkippedError } from './tools.mjs'

test('a missing program is named with the Debian package that brings it', () => {
  expect(() => findTool('nginx', '/nowhere')).toThrow(SkippedError)
  expect(() => findTool('nginx', '/nowhere')).toThrow(
    'nginx is not installed (Debian: apt-get install nginx-light)',
  )
})
