import { describe, expect, test } from 'vitest'
import type { Evidence } from './check.ts'
import { answer, foundAfter, step } from './sound-run.ts'

/** Takes out of a list what fits. */
const without = <Item>(list: Item[], fits: (item: Item) => boolean) =>
  list.splice(list.findIndex(fits), 1)[0] as Item
const of = (id: string) => (item: { orderId: string }) => item.orderId === id

test('a sound run has no violation', () => {
  expect(foundAfter(() => {})).toEqual([])
})

describe('histories', () => {
  const misreading = (misread: (histories: Evidence['histories']) => void) => foundAfter(() => {}, misread)
  const isStep = (id: string, wanted: string) => (step: { orderId: string; status: string }) =>
    step.orderId === id && step.status === wanted

  test.each(['paid', 'queued', 'cooking', 'ready'])('are complete, and tell nothing twice: %s', status => {
    const isIt = isStep('a', status)
    expect(misreading(histories => without(histories, isIt))).toEqual([
      ['incomplete history', `The history of order a tells 0 times that it was ${status}.`],
    ])
    expect(misreading(histories => histories.push(...histories.filter(isIt)))).toEqual([
      ['incomplete history', `The history of order a tells 2 times that it was ${status}.`],
    ])
  })

  test('tell of nothing that no record says', () => {
    const words = (at: string) => `Order b is told to be paid by ${at}, which does not say so.`
    for (const at of ['order_confirm-0@0', 'order_declined-0@0', 'order_confirm-0@9'])
      expect(misreading(histories => histories.push(step('b', 'paid', at)))).toEqual([
        ['wrong history', words(at)],
      ])
    for (const [status, at] of [
      ['queued', 'started-0@0'],
      ['cooking', 'ended-0@0'],
      ['ready', 'ended-0@1'],
    ] as const)
      expect(
        misreading(histories => Object.assign(histories.find(isStep('a', status)) as object, { at })),
      ).toEqual([['wrong history', `Order a is told to be ${status} by ${at}, which does not say so.`]])
    expect(misreading(histories => histories.push(step('z', 'placed', 'order-0@77')))).toEqual([
      ['wrong history', 'Order z is told to be placed by order-0@77, which does not say so.'],
    ])
  })
})

describe('orders', () => {
  test('an order that was answered 2xx has an outcome', () => {
    const found = foundAfter(({ charges, outcomes, mails }) => {
      for (const list of [charges, outcomes, mails] as { orderId: string }[][]) without(list, of('a'))
    })
    expect(found).toEqual([['lost order', 'Order a was answered 2xx or 402 and has no outcome.']])
  })

  test('a record of the first generation has an outcome, whether it was charged or not', () => {
    const lost = ['lost order', "The first generation's record order-0@2 has no outcome."]
    const never = foundAfter(({ charges, outcomes, mails }) => {
      for (const list of [charges, outcomes, mails] as { orderId: string }[][]) without(list, of('f'))
    })
    expect(never).toEqual([lost])
    const charged = foundAfter(({ outcomes, mails }) => {
      for (const list of [outcomes, mails] as { orderId: string }[][]) without(list, of('f'))
    })
    expect(charged).toEqual([
      lost,
      ['ledger and topics differ', 'The bank accepted order f for order-0@2/1, and no outcome says so.'],
    ])
  })

  test('all answers for one key name one order', () => {
    const found = foundAfter(({ orders }) => orders[0]?.answers.push(answer(202, 'b')))
    expect(found).toContainEqual([
      'two orders for one key',
      'The answers for one Idempotency-Key name 2 orders: a, b.',
    ])
  })

  test('who waits is told what has come of his order', () => {
    const found = foundAfter(({ orders }) => {
      orders[0]?.answers.push(
        { ...answer(200, 'a'), told: 'confirmed' },
        { ...answer(402, 'a'), told: 'declined' },
      )
      orders[1]?.answers.push({ ...answer(402, 'b'), told: 'declined' })
    })
    expect(found).toEqual([['wrong answer', 'Order a was answered as declined, and no outcome says so.']])
  })

  test('no order is charged twice, under two ids or under one', () => {
    const twoIds = foundAfter(({ charges, outcomes, mails }) => {
      charges.push({ orderId: 'a2', reference: 'order-0@9/1', outcome: 'accepted', paymentId: 'pay_a2' })
      const email = 'a@example.com'
      outcomes.push({ at: 'order_confirm-0@9', kind: 'confirmed', orderId: 'a2', email, paymentId: 'pay_a2' })
      mails.push({ messageId: 'a2.confirmed', kind: 'confirmed', orderId: 'a2', to: email, receivedAt: 0 })
    })
    expect(twoIds).toEqual([['charged twice', 'One order was charged 2 times, as a, a2.']])
    const oneId = foundAfter(({ charges }) =>
      charges.push({ orderId: 'a', reference: 'order-0@9/1', outcome: 'accepted', paymentId: 'pay_a' }),
    )
    expect(oneId).toEqual([['charged twice', 'One order was charged 2 times, as a.']])
  })

  test('an order has one outcome, also where it was not answered', () => {
    const found = foundAfter(({ outcomes }) => {
      outcomes.push({ ...(outcomes[0] as (typeof outcomes)[0]), at: 'order_confirm-0@9' })
    })
    expect(found).toEqual([
      [
        'more than one outcome',
        'Order a has 2 outcomes: confirmed at order_confirm-0@0, confirmed at order_confirm-0@9.',
      ],
    ])
  })

  test("a good card is confirmed, a bad one declined, for the order's own address", () => {
    const kind = foundAfter(({ orders }) => Object.assign(orders[0] as object, { expected: 'declined' }))
    expect(kind).toEqual([
      ['wrong outcome', 'Order a was confirmed at order_confirm-0@0, where it should have been declined.'],
    ])
    const email = foundAfter(({ orders }) => Object.assign(orders[0] as object, { email: 'x@example.com' }))
    expect(email).toEqual([
      [
        'wrong outcome',
        'The outcome of order a at order_confirm-0@0 has another mail address than the order.',
      ],
    ])
  })

  test('the ledger knows of every outcome, and has a line for none else', () => {
    expect(foundAfter(({ charges }) => without(charges, of('a')))).toEqual([
      [
        'ledger and topics differ',
        "Order a was confirmed at order_confirm-0@0, and the bank's ledger does not say so.",
      ],
    ])
    const extra = { orderId: 'x', reference: 'order-0@9/1', outcome: 'accepted', paymentId: 'pay_x' } as const
    expect(foundAfter(({ charges }) => charges.push(extra))).toEqual([
      ['ledger and topics differ', 'The bank accepted order x for order-0@9/1, and no outcome says so.'],
    ])
  })

  test('an outcome names the payment of the ledger', () => {
    const found = foundAfter(({ outcomes }) =>
      Object.assign(outcomes[0] as object, { paymentId: 'pay_other' }),
    )
    expect(found.map(([rule]) => rule)).toEqual(['ledger and topics differ', 'ledger and topics differ'])
  })
})

describe('mails', () => {
  test('every outcome has its mail', () => {
    expect(foundAfter(({ mails }) => without(mails, of('a')))).toEqual([
      ['missing mail', 'Order a, confirmed at order_confirm-0@0, has no mail that says so.'],
    ])
  })

  test('a dead letter stands for a mail to the refused address alone', () => {
    expect(foundAfter(({ deadLetters }) => deadLetters.pop())).toEqual([
      ['missing mail', 'Order r, confirmed at order_confirm-0@2, has no mail that says so.'],
    ])
    const found = foundAfter(({ mails, deadLetters }) => {
      without(mails, of('a'))
      deadLetters.push({ at: 'order_confirm-0@0', reason: 'the mail can not be delivered' })
    })
    expect(found).toEqual([
      ['missing mail', 'Order a, confirmed at order_confirm-0@0, has no mail that says so.'],
      [
        'needless dead letter',
        'The good record order_confirm-0@0 became a dead letter: the mail can not be delivered.',
      ],
    ])
  })

  test('a mail is repeated only by a kill -9 in between, and with the same Message-ID', () => {
    const again = ({ mails }: Evidence) =>
      mails.push({ ...(mails[0] as (typeof mails)[0]), receivedAt: 9_000 })
    const words = 'The mail of order a came again after 9.0 s, and email was not killed meanwhile.'
    expect(foundAfter(again)).toEqual([['repeated mail', words]])
    const killedAt = (time: number) => (evidence: Evidence) => {
      again(evidence)
      evidence.emailKills = [time]
    }
    expect(foundAfter(killedAt(5_000))).toEqual([])
    expect(foundAfter(killedAt(10_000))).toEqual([['repeated mail', words]])
    expect(foundAfter(killedAt(-5_000))).toEqual([['repeated mail', words]])
    const otherId = (evidence: Evidence) => {
      killedAt(5_000)(evidence)
      Object.assign(evidence.mails[0] as object, { messageId: 'other' })
    }
    expect(foundAfter(otherId)).toEqual([['repeated mail', 'Order a has mails with 2 Message-IDs.']])
  })

  test('a mail tells the outcome, to the right address', () => {
    for (const wrong of [{ kind: 'declined' }, { to: 'b@example.com' }]) {
      const found = foundAfter(({ mails }) => Object.assign(mails[0] as object, wrong))
      expect(found.map(([rule]) => rule)).toEqual(['missing mail', 'wrong mail'])
    }
  })
})

describe('dead letters', () => {
  test('a broken record is in one, and only one, and so is what email sets aside', () => {
    expect(foundAfter(({ deadLetters }) => deadLetters.shift())).toEqual([
      ['missing dead letter', 'The broken record order-0@3 is in no dead letter.'],
    ])
    expect(foundAfter(({ deadLetters }) => deadLetters.push({ at: 'order-0@3', reason: 'again' }))).toEqual([
      ['repeated dead letter', 'The record order-0@3 is in 2 dead letters.'],
    ])
    const ofEmail = { at: 'order_confirm-0@2', reason: 'the mail can not be delivered' }
    expect(foundAfter(({ deadLetters }) => deadLetters.push(ofEmail, ofEmail))).toContainEqual([
      'repeated dead letter',
      expect.stringMatching(/^The record order_confirm-0@2 is in \d dead letters\.$/),
    ])
  })

  test('a good order is in none', () => {
    expect(
      foundAfter(({ deadLetters }) => deadLetters.push({ at: 'order-0@0', reason: 'no order' })),
    ).toEqual([['needless dead letter', 'The good record order-0@0 became a dead letter: no order.']])
    const ofStart = { at: 'started-0@0', reason: 'the endpoint answered 422' }
    expect(foundAfter(({ deadLetters }) => deadLetters.push(ofStart))).toEqual([
      [
        'needless dead letter',
        'The good record started-0@0 became a dead letter: the endpoint answered 422.',
      ],
    ])
  })

  test('it says why', () => {
    expect(foundAfter(({ deadLetters }) => Object.assign(deadLetters[0] as object, { reason: '' }))).toEqual([
      ['dead letter without a reason', 'The dead letter of order-0@3 does not say why.'],
    ])
  })
})

test('no partition stands still', () => {
  expect(foundAfter(({ lags }) => Object.assign(lags[0] as object, { lag: 3 }))).toEqual([
    ['partition stands still', 'transaction-service has yet to commit 3 of order-0.'],
  ])
})

test('no card number stands anywhere', () => {
  expect(foundAfter(({ leaks }) => leaks.push({ file: 'logs/bank.log', last4: '4242' }))).toEqual([
    ['card number', 'The card number that ends in 4242 stands in logs/bank.log.'],
  ])
})

describe('quotes', () => {
  test('are for who asked, or none', () => {
    const found = foundAfter(({ quotes }) => {
      Object.assign(quotes[0] as object, { about: 'Two' })
      Object.assign(quotes[1] as object, { status: 422 })
    })
    expect(found).toEqual([
      ['wrong quote', 'The question for One was answered for Two.'],
      ['wrong quote', 'The question for Two was answered 422.'],
    ])
  })

  test('are answered when all is well, and nothing of them is left', () => {
    const waiting = (quotesWaiting: number | undefined) =>
      foundAfter(evidence => Object.assign(evidence, { quotesWaiting }))
    expect(waiting(undefined)).toEqual([
      ['quotes stand still', 'The gateway answers no question, though all is well.'],
    ])
    expect(waiting(2)).toEqual([['quotes stand still', '2 calls of the gateway wait, though nobody asks.']])
  })
})
