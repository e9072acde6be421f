import { createServer } from 'node:http'
import type { KeyPool } from '@sfpool/core'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { expectTypeOf, it } from 'vitest'
import { sfpool as toExpress } from './express.js'
import { sfpool as toFastify } from './fastify.js'
import { sfpool as toHono } from './hono.js'
import { sfpool as toNode } from './node.js'

declare const pool: KeyPool

it('sfpool can be mounted in each framework as its documentation mounts handlers', () => {
  createServer(toNode(pool)).on('checkContinue', toNode(pool).checkContinue)
  express().use('/llm', toExpress(pool, { maxBody: 1 }))
  express.Router().use(toExpress(pool))
  fastify().register(toFastify(pool), { prefix: '/llm' })
  fastify().register(toFastify, { pool, prefix: '/llm', clientKeys: ['a'] })
  fastify({ logger: true }).register(toFastify, { pool })
  expectTypeOf(new Hono().route('/llm', toHono(pool))).toExtend<Hono>()
})

it('sfpool refuses options that do not exist', () => {
  // @ts-expect-error a typing error must not leave the gateway open
  toNode(pool, { clientKey: 'a' })
  // @ts-expect-error the plugin needs a pool
  fastify().register(toFastify, { prefix: '/llm' })
})
