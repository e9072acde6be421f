// @ts-check
import { createUpstream } from '../fixtures/upstream.mjs'

createUpstream().listen(Number(process.argv[2]), '127.0.0.1')
