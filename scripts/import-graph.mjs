// @ts-check
/**
 * Measures the imports between a package's product files, type imports counted: files, rooms, imports that climb a
 * floor, circles. `--package gateway` measures another package, `--root DIR` another checkout, `--floors FILE` judges
 * by other floors; `--json` prints everything, `--picture text` or `--picture mermaid` draws the floors.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readFloors } from './graph/floors.mjs'
import { measureGraph } from './graph/measure-graph.mjs'
import { drawFloors, pictureForms } from './graph/picture.mjs'
import { readGraph } from './graph/read-graph.mjs'
import { renderGraph } from './graph/render-graph.mjs'

const { values } = parseArgs({
  options: {
    package: { type: 'string', default: 'core' },
    root: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
    floors: { type: 'string' },
    json: { type: 'boolean' },
    picture: { type: 'string' },
  },
})
const { root, package: packageName, picture } = values
if (picture !== undefined && !pictureForms.includes(picture)) {
  console.error(`--picture takes ${pictureForms.join(', ')}; received ${picture}`)
  process.exit(2)
}

const graph = readGraph(join(root, 'packages', packageName, 'src'))
const floors = readFloors(values.floors ?? join(root, 'architecture', 'floors.cjs'), packageName)

if (picture !== undefined) {
  if (floors === null) {
    console.error(
      `--picture needs floors, and none are written for ${packageName}; --floors FILE names others`,
    )
    process.exit(2)
  }
  console.log(drawFloors(picture, graph, floors))
} else {
  const measured = { package: packageName, ...measureGraph(graph, floors) }
  console.log(values.json ? JSON.stringify(measured, null, 2) : renderGraph(packageName, measured))
}
