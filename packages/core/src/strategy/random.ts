import { ShuffleBag } from './sampling/shuffle-bag.js'
import type { Candidate, Strategy } from './strategy.js'

/** Picks a random key: each accepted key has the same chance, however many are refused. */
export function random(chance: () => number): Strategy {
  const bag = new ShuffleBag(chance)

  const pick = (accepts: (candidate: Candidate) => boolean): Candidate | undefined => {
    for (let left = bag.size; left > 0; left--) {
      const place = bag.draw(left)
      const drawn = bag.at(place)
      if (accepts(drawn)) return drawn
      bag.setAside(place, left)
    }
    return undefined
  }

  return {
    add: (candidate) => bag.add(candidate),
    remove: (candidate) => bag.remove(candidate),
    pick,
    peek: (accepts) => bag.preview(() => pick(accepts)),
  }
}
