import type { Key } from '../key.js'
import type { Turn } from '../turn.js'

/** An attempt under a key, as it begins. */
export function makeTurn(key: Key, changes: Partial<Turn> = {}): Turn {
  return {
    key,
    account: key.account,
    model: '',
    needs: 'any',
    startedAt: 0,
    roster: null,
    quota: null,
    reservation: null,
    session: null,
    isReleased: false,
    ...changes,
  }
}
