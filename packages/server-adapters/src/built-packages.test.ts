import { keysOf, makeScenario, startSimulator } from '@sfpool/simulator'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { buildWhenStale, run } from './testing/built-packages.js'

beforeAll(buildWhenStale)

/** Statements that mount `pool` in an app and set `port`, by adapter. `load` writes how a module is loaded. */
const mounts: Record<string, (load: (name: string) => string) => string> = {
  node: (load) => `
    const { createServer } = ${load('node:http')}
    const { sfpool } = ${load('@sfpool/server-adapters/node')}
    const server = createServer(sfpool(pool, { basePath: '/llm' })).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address()`,
  express: (load) => `
    const express = ${load('express')}
    const { sfpool } = ${load('@sfpool/server-adapters/express')}
    const app = (express.default ?? express)()
    app.use('/llm', sfpool(pool))
    const server = app.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address()`,
  fastify: (load) => `
    const { fastify } = ${load('fastify')}
    const { sfpool } = ${load('@sfpool/server-adapters/fastify')}
    const app = fastify()
    app.register(sfpool, { pool, prefix: '/llm' })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = app.server.address()`,
  hono: (load) => `
    const { serve } = ${load('@hono/node-server')}
    const { Hono } = ${load('hono')}
    const { sfpool } = ${load('@sfpool/server-adapters/hono')}
    const server = serve({ fetch: new Hono().route('/llm', sfpool(pool)).fetch, port: 0, hostname: '127.0.0.1' })
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address()`,
}

const loads = {
  module: (name: string) => `await import(${JSON.stringify(name)})`,
  commonjs: (name: string) => `require(${JSON.stringify(name)})`,
}

describe.each(['module', 'commonjs'] as const)('an app written as a %s', (type) => {
  it.each(Object.keys(mounts))(`an app written as a ${type} mounts the pool in %s`, async (name) => {
    const scenario = makeScenario()
    const sim = await startSimulator({ scenario })
    onTestFinished(() => sim.close())
    const options = JSON.stringify({ keys: keysOf(scenario), baseURL: sim.sites.cn.baseURL })
    const load = loads[type]
    const script = `(async () => {
      const { KeyPool } = ${load('@sfpool/core')}
      const pool = new KeyPool(${options})
      ${mounts[name]?.(load)}
      const answer = await fetch(\`http://127.0.0.1:\${port}/llm/v1/models\`)
      console.log(answer.status, (await answer.json()).object)
      process.exit(0)
    })()`
    const { stdout, stderr, code } = await run(script, type)
    expect(stderr).not.toMatch(/error/i)
    expect([stdout, code]).toEqual(['200 list\n', 0])
  })
})

describe('the request log on stderr', () => {
  const requests = `
    import { createGateway } from '@sfpool/gateway'
    import { KeyPool } from '@sfpool/core'
    const pool = new KeyPool()
    const gateway = createGateway(pool, { logger: 'info' })
    await pool.ready
    for (let n = 0; n < 3; n++) await gateway.fetch(new Request('http://gateway.example/v1/models'))
  `

  it.each([
    ['closed', 'await gateway.close(); await pool.close()'],
    ['left open when the process ends', 'await new Promise(setImmediate); process.exit(0)'],
  ])('the request log on stderr is complete when the gateway is %s', async (_when, ending) => {
    const { stdout, stderr, code } = await run(`${requests}; ${ending}`, 'module')
    expect([stdout, code]).toEqual(['', 0])
    const lines = stderr.trim().split('\n')
    expect(lines).toHaveLength(3)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ status: 503, code: 'no_keys', attempts: 0, keys: [] })
  })
})
