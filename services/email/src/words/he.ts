import { DeclineReason } from 'kafka-restaurants-contracts'
import type { Words } from './words.ts'

/** A name within a sentence: one of another script is not to turn what stands around it (FSI and PDI of Unicode). */
const apart = (name: string) => `\u2068${name}\u2069`

const whyInWords: Readonly<Record<DeclineReason, string>> = {
  card_declined: 'הבנק דחה את הכרטיס שלך.',
  insufficient_funds: 'אין די כסף בכרטיס שלך.',
  expired_card: 'תוקף הכרטיס שלך פג.',
  lost_card: 'הכרטיס שלך דווח כאבוד.',
  stolen_card: 'הכרטיס שלך דווח כגנוב.',
  invalid_number: 'מספר הכרטיס אינו תקין.',
}

export const he: Words = {
  locale: 'he',
  dir: 'rtl',
  confirmed: {
    subject: restaurant => `ההזמנה אושרה: ${restaurant}`,
    heading: 'ההזמנה שלך אושרה',
    lead: restaurant => `ההזמנה שלך התקבלה במסעדת ${apart(restaurant)}.`,
    link: 'מעקב אחר ההזמנה',
    closing: 'בתיאבון!',
  },
  declined: {
    subject: restaurant => `ההזמנה לא שולמה: ${restaurant}`,
    heading: 'לא ניתן היה לחייב על ההזמנה',
    lead: (why, restaurant) => `${why} לא חויבת, ומסעדת ${apart(restaurant)} לא תכין את ההזמנה הזו.`,
    link: 'תשלום בכרטיס אחר',
    closing: 'נשמח לקבל הזמנה חדשה בכרטיס אחר.',
  },
  charged: (card, amount) => `${card} חויב בסך ${amount}.`,
  card: last4 => (last4 ? `הכרטיס שלך המסתיים בספרות ${last4}` : 'הכרטיס שלך'),
  whyDeclined: reason => {
    const known = DeclineReason.safeParse(reason)
    return known.success ? whyInWords[known.data] : 'הבנק דחה את התשלום.'
  },
  delivery: 'משלוח',
  pickup: 'איסוף עצמי',
  soon: 'בהקדם האפשרי',
  labels: {
    tip: 'טיפ',
    total: 'סך הכול',
    fulfilment: 'אופן הקבלה',
    address: 'כתובת',
    time: 'מועד',
    name: 'שם',
    phone: 'טלפון',
    note: 'הערה',
    paidWith: 'אמצעי התשלום',
    notCharged: 'לא חויב',
    payment: 'מספר תשלום',
    order: 'מספר הזמנה',
  },
}
