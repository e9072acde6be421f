import { describe, it } from 'vitest'
import { seededRandom } from '../testing/fake-runtime.js'
import { namedStrategy, strategyNames } from './named.js'
import { plain } from './testing/candidate.js'
import { testStrategyContract } from './testing/strategy-contract.js'
import { expectServed, type Scenario } from './testing/strategy-scenario.js'

for (const name of strategyNames) testStrategyContract(name, (chance) => namedStrategy(name, chance))
testStrategyContract('sticky, within one session', (chance) => namedStrategy('sticky', chance), {
  ...plain,
  session: 'one',
})

/** The picks of the strategies that use no randomness, side by side. */
const scenarios: readonly Scenario[] = [
  {
    name: 'picks among three equal keys',
    script: '+a +b +c ?7',
    served: {
      'round-robin': 'abcabca',
      weighted: 'abcabca',
      sequential: 'aaaaaaa',
      'least-in-flight': 'abcabca',
      'least-used': 'abcabca',
    },
  },
  {
    name: 'picks a single key every time',
    script: '+a ?3',
    served: {
      'round-robin': 'aaa',
      weighted: 'aaa',
      sequential: 'aaa',
      'least-in-flight': 'aaa',
      'least-used': 'aaa',
    },
  },
  {
    name: 'goes on when the next key is removed',
    script: '+a +b +c ? -b ?3',
    served: {
      'round-robin': 'acac',
      weighted: 'acac',
      sequential: 'aaaa',
      'least-in-flight': 'acac',
      'least-used': 'acac',
    },
  },
  {
    name: 'places a key added during the first round',
    script: '+a +b +c ?2 +d ?5',
    served: {
      'round-robin': 'abcabdc',
      weighted: 'abcdabc',
      sequential: 'aaaaaaa',
      'least-in-flight': 'abcabdc',
      'least-used': 'abcdabc',
    },
  },
  {
    name: 'places a key added during a later round',
    script: '+a +b +c ?8 +d ?4',
    served: {
      'round-robin': 'abcabcabcabd',
      weighted: 'abcabcabcdab',
      sequential: 'aaaaaaaaaaaa',
      'least-in-flight': 'abcabcabcabd',
      'least-used': 'abcabcabcdab',
    },
  },
  {
    name: 'gives no burst to a key that returns after a long absence',
    script: '+a +b +c -a ?6 +a ?6',
    served: {
      'round-robin': 'bcbcbcbcabca',
      weighted: 'bcbcbcabcabc',
      sequential: 'bbbbbbaaaaaa',
      'least-in-flight': 'bcbcbcbcabca',
      'least-used': 'bcbcbcabcabc',
    },
  },
  {
    name: 'gives no burst to a key that was refused for a model',
    script: '+a +b +c ?!a ?!a ?!a ?!a ?6',
    served: {
      'round-robin': 'bcbcabcabc',
      weighted: 'bcbcabcabc',
      sequential: 'bbbbaaaaaa',
      'least-in-flight': 'bcbcabcabc',
      'least-used': 'bcbcabcabc',
    },
  },
  {
    name: 'gives no gain to a key removed and added in one round',
    script: '+a +b +c ? -a +a ? -a +a ? -a +a ?3',
    served: {
      'round-robin': 'abcbca',
      weighted: 'abcabc',
      sequential: 'aaaaaa',
      'least-in-flight': 'abcbca',
      'least-used': 'abcbca',
    },
  },
  {
    name: 'goes on when the oldest key returns',
    script: '+b +c ?2 +a ?3',
    served: {
      'round-robin': 'bcbca',
      weighted: 'bcabc',
      sequential: 'bbaaa',
      'least-in-flight': 'bcbca',
      'least-used': 'bcabc',
    },
  },
  {
    name: 'picks among keys of weight 3, 2 and 1',
    script: '+a3 +b2 +c1 ?6 ?6',
    served: {
      'round-robin': 'abcabcabcabc',
      weighted: 'abcabacbaaba',
      sequential: 'aaaaaaaaaaaa',
      'least-in-flight': 'abcabcabcabc',
      'least-used': 'abcabcabcabc',
    },
  },
  {
    name: 'goes on after a weight is raised',
    script: '+a +b ?4 -a +a3 ?8',
    served: {
      'round-robin': 'ababbabababa',
      weighted: 'ababaaabaaba',
      sequential: 'aaaaaaaaaaaa',
      'least-in-flight': 'ababbabababa',
      'least-used': 'ababbabababa',
    },
  },
  {
    name: 'picks no key when all are removed',
    script: '+a ? -a ?2 +a ?',
    served: {
      'round-robin': 'a..a',
      weighted: 'a..a',
      sequential: 'a..a',
      'least-in-flight': 'a..a',
      'least-used': 'a..a',
    },
  },
]

describe.each(['round-robin', 'weighted', 'sequential', 'least-in-flight', 'least-used'] as const)(
  '%s',
  (name) => {
    it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', (_name, scenario) => {
      expectServed(namedStrategy(name, seededRandom(1)), scenario, name)
    })
  },
)
