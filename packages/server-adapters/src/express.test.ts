import express5, { type Express } from 'express'
import express4 from 'express4'
import { sfpool } from './express.js'
import { adapterContract } from './testing/adapter-contract.js'
import type { StartApp } from './testing/app.js'
import { listening } from './testing/listening.js'

const startWith =
  (express: typeof express5): StartApp =>
  ({ mounts, parsesBodies, header }) => {
    const app: Express = express()
    if (header !== undefined)
      app.use((_request, response, next) => next(response.set(...header) && undefined))
    if (parsesBodies === true) {
      app.use(express.json(), express.urlencoded({ extended: true }), express.text(), express.raw())
    }
    app.get('/hello', (_request, response) => {
      response.send('hello')
    })
    app.post('/echo', express.json(), (request, response) => {
      response.send(request.body.text)
    })
    for (const { path, pool, options } of mounts) app.use(path === '' ? '/' : path, sfpool(pool, options))
    return listening(app)
  }

adapterContract('express 5', startWith(express5))
adapterContract('express 4', startWith(express4 as unknown as typeof express5))
