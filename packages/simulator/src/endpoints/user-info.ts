import { formatMoney } from '../account/money.js'
import { apiError } from '../errors/api-error.js'
import type { AccountCall } from '../http/call.js'
import { json, type Reply } from '../reply/reply.js'

/** `GET /user/info`: shows the balance, in the classic regime only. Vouchers are not included, as on the real platform. */
export function userInfo({ account, world }: AccountCall): Reply {
  if (world.settings.regime === 'current') throw apiError('endpoint-deprecated')
  const { gift, charged } = account.money
  return json({
    code: 20_000,
    message: 'OK',
    status: true,
    data: {
      id: account.id,
      name: '',
      image: '',
      email: '',
      isAdmin: false,
      balance: formatMoney(gift),
      status: 'normal',
      introduction: '',
      role: '',
      chargeBalance: formatMoney(charged),
      totalBalance: formatMoney(gift + charged),
    },
  })
}
