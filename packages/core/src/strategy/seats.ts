/** Numbers for those who take part, small and given out again, so that what is kept of each can stand in arrays. */
export class Seats<Member extends object> {
  readonly #numbers = new Map<Member, number>()
  readonly #members: (Member | undefined)[] = []
  readonly #free: number[] = []

  /** The member's number; undefined while it has none. */
  of(member: Member): number | undefined {
    return this.#numbers.get(member)
  }

  /** Whose number it is. */
  at(seat: number): Member {
    return this.#members[seat] as Member
  }

  /** Gives a number to one that has none. */
  take(member: Member): number {
    const seat = this.#free.pop() ?? this.#members.length
    this.#numbers.set(member, seat)
    this.#members[seat] = member
    return seat
  }

  /** Takes the number back, and tells which it was. */
  leave(member: Member): number | undefined {
    const seat = this.#numbers.get(member)
    if (seat === undefined) return undefined
    this.#numbers.delete(member)
    this.#members[seat] = undefined
    this.#free.push(seat)
    return seat
  }
}

/** The same numbers with room for at least so many: what fits twice as many as before moves rarely. */
export function grown<Numbers extends Float64Array | Int32Array>(numbers: Numbers, size: number): Numbers {
  if (size <= numbers.length) return numbers
  const length = Math.max(16, size, 2 * numbers.length)
  const larger = numbers instanceof Float64Array ? new Float64Array(length) : new Int32Array(length)
  larger.set(numbers)
  return larger as Numbers
}
