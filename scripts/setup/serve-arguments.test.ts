import { describe, expect, it } from 'vitest'
import { catalogue } from '../../packages/cli/src/config/catalogue.js'
import { longName, variableName } from '../../packages/cli/src/config/setting.js'
import { ownKeys } from '../../packages/cli/src/serve/own-keys.js'
import { serveArguments } from './serve-arguments.mjs'

const nowhere = () => false

describe('what npm start serves', () => {
  it('npm start serves the demo when nothing chooses keys or an upstream', () => {
    const environment = { PATH: '/bin', SILICONFLOW_API_KEY: ' ', SFPOOL_PORT: '1' }
    expect(serveArguments(['--port', '0'], environment, nowhere)).toEqual(['--demo', '--port', '0'])
  })

  it.each(ownKeys)('npm start serves no demo with the setting %s, which the demo refuses', (name) => {
    const flag = `--${longName(catalogue[name])}`
    expect(serveArguments([flag, 'x'], {}, nowhere)).toEqual([flag, 'x'])
    expect(serveArguments([`${flag}=x`], {}, nowhere)).toEqual([`${flag}=x`])
    expect(serveArguments([], { [variableName(catalogue[name])]: 'x' }, nowhere)).toEqual([])
  })

  it('npm start serves no demo with keys or an address in a variable, or with a configuration file', () => {
    expect(serveArguments([], { SILICONFLOW_API_KEY_2: 'x' }, nowhere)).toEqual([])
    expect(serveArguments([], { SILICONFLOW_BASE_URL: 'x' }, nowhere)).toEqual([])
    expect(serveArguments([], {}, (file) => file === 'sfpool.config.yml')).toEqual([])
  })
})
