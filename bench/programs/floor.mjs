// @ts-check
import { createFloor } from '../rivals/floor-server.mjs'
import './report-live-heap.mjs'

const [port, origin = ''] = process.argv.slice(2)
createFloor(origin).listen(Number(port), '127.0.0.1')
// A profile (`node --cpu-prof`) is written only on an orderly exit.
process.once('SIGTERM', () => process.exit(0))
