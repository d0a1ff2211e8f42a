/** The API's words for each reason, to be put behind what it is about. */
const words = {
  tooLong: (most?: number) => `is longer than ${most} characters`,
  noText: () => 'has characters that are no text',
  hasCard: () => 'has a card number in it: leave it out, nobody but the bank should see it',
  noPhone: () => 'is not a phone number: it should look like +49 30 1234567',
  shortPhone: () => 'is too short for a phone number',
  longPhone: () => 'is too long for a phone number',
  cardAsPhone: () => 'is a card number, not a phone number',
  noTime: () => 'is not a time',
  past: () => 'is in the past: choose a later time, or as soon as possible',
  tooFarAhead: (most?: number) => `must be within the next ${most} days`,
  noTip: () => 'must be a whole amount, 0 or more',
  hugeTip: () => 'is more than can be given',
  tipAboveDishes: () => 'must not be more than what the dishes come to',
}

/** Why something can't be taken, for whoever says it in a language. `most` is the limit, where it is about one. */
export interface DetailFault<Code extends keyof typeof words = keyof typeof words> {
  code: Code
  most?: number
}

/** What the API says of it; undefined where there is nothing to say. */
export const faultInWords = (fault: DetailFault | undefined): string | undefined =>
  fault && words[fault.code](fault.most)
